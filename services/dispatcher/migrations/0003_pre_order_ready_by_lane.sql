-- A claim reads each lane in its order, so a queue full of one kind of jobs is no way that others have to go.
CREATE INDEX ready_by_lane ON ready (project, kind, action, queue, position);
