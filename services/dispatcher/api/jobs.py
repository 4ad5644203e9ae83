"""Looking at jobs and at workers."""

from collections.abc import Sequence
from datetime import timedelta

from libs.chassis.clock import Clock, format_time
from libs.chassis.db.link import Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.http import NOT_FOUND, Answer, Call, Json
from services.dispatcher.domain.sessions import Session
from services.dispatcher.store.jobs_read import JobReads, JobView
from services.dispatcher.store.rows import job_of
from services.dispatcher.store.sessions import session_of

QUERIES = load_queries("services.dispatcher.store")
STALE_AFTER = timedelta(minutes=2)


class Jobs:
    """The handlers of `getJob`, `listRunJobs` and `listWorkerSessions`."""

    def __init__(self, jobs: JobReads, reads: Reads, clock: Clock, most_attempts: int) -> None:
        self._jobs = jobs
        self._reads = reads
        self._clock = clock
        self._most_attempts = most_attempts

    async def get(self, call: Call[None, None]) -> Answer:
        view = await self._jobs.find(call.params["id"])
        if view is None or view.project != call.project:
            return NOT_FOUND
        return Json(200, self._wire(view))

    async def of_run(self, call: Call[None, None]) -> Answer:
        views = [view for view in await self._jobs.of_run(call.params["id"]) if view.project == call.project]
        return Json(200, {"items": [self._wire(view) for view in views]})

    async def sessions(self, call: Call[None, None]) -> Answer:
        rows = await self._reads.rows(QUERIES["list_sessions"], call.project)
        held = await self._reads.rows(QUERIES["list_held"], call.project)
        items = [_session(session_of(row), held, self._is_stale(session_of(row))) for row in rows]
        return Json(200, {"items": items, "totals": _totals(items)})

    def _is_stale(self, session: Session) -> bool:
        return not session.is_live(self._clock.now(), STALE_AFTER)

    def _wire(self, view: JobView) -> dict[str, object]:
        whole: dict[str, object] = {
            "id": view.id,
            "run_id": view.run_id,
            "path_id": view.path_id,
            "step_name": view.step_name,
            "action": view.action,
            "queue": view.queue,
            "parameters": view.parameters,
            "status": view.status,
            "claimed_by": view.claimed_by,
            "claimed_at": view.claimed_at and format_time(view.claimed_at),
            "heartbeat_at": view.heartbeat_at and format_time(view.heartbeat_at),
            "attempt": view.attempt,
            "max_attempts": self._most_attempts,
            "scheduled_at": format_time(view.scheduled_at),
            "error_type": view.error_type,
            "error_message": view.error_message,
            "created_at": format_time(view.scheduled_at),
            "updated_at": format_time(view.updated_at),
        }
        return {name: value for name, value in whole.items() if value is not None}


def _session(session: Session, held: Sequence[Row], stale: bool) -> dict[str, object]:
    current = [_job_ref(row) for row in held if row["claimed_by"] == session.worker_instance_id]
    whole: dict[str, object] = {
        "id": session.session_id,
        "worker_instance_id": session.worker_instance_id,
        "concurrency_limit": session.concurrency_limit,
        "name": session.name,
        "version": session.version,
        "last_seen_at": format_time(session.last_seen_at),
        "api_key_id": session.api_key_id,
        "instance_status": "stale" if stale else "active",
        "stale": stale,
        "busy_job_count": len(current),
        "current_jobs": current,
    }
    return {name: value for name, value in whole.items() if value is not None}


def _job_ref(row: Row) -> dict[str, object]:
    claimed_at, heartbeat_at = row["claimed_at"], row["heartbeat_at"]
    whole: dict[str, object] = {
        "id": row["job_id"],
        "run_id": row["run_id"],
        "step_name": job_of(row).step,
        "action": row["action"],
        "status": "claimed",
        "claimed_at": format_time(claimed_at),
        "heartbeat_at": heartbeat_at and format_time(heartbeat_at),
        "updated_at": format_time(heartbeat_at or claimed_at),
    }
    return {name: value for name, value in whole.items() if value is not None}


def _totals(items: Sequence[dict[str, object]]) -> dict[str, int]:
    active = [item for item in items if not item["stale"]]
    return {
        "active_instances": len(active),
        "slots": sum(_count(item, "concurrency_limit") for item in active),
        "busy": sum(_count(item, "busy_job_count") for item in active),
        "stale": len(items) - len(active),
    }


def _count(item: dict[str, object], name: str) -> int:
    value = item[name]
    return value if isinstance(value, int) else 0
