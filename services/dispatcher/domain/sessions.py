"""Worker sessions: who polls, what they list, and when the courier has to leave an action to them. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """A worker process as its claims describe it. `token_sha256` tells two boots of the same instance apart."""

    project: str
    worker_instance_id: str
    session_id: str
    token_sha256: str
    concurrency_limit: int
    name: str | None
    version: str | None
    queues: tuple[str, ...]
    actions: tuple[str, ...]
    api_key_id: str
    last_seen_at: datetime

    def is_live(self, now: datetime, live_for: timedelta) -> bool:
        return now - self.last_seen_at <= live_for

    def lists(self, project: str, action: str) -> bool:
        """Whether this worker named the action. One that takes anything has named nothing."""
        return self.project == project and action in self.actions
