"""The journal: every event of a service, appended under compare-and-set on `(stream, seq)`, never changed."""
