"""How long a worker holds a job without a word, and how often it is told to give one: as the installation has it, or as
the project says for itself."""

from collections.abc import Mapping
from datetime import timedelta

from libs.contracts.events.catalog import ProjectState
from libs.contracts.project_config import liveness

BEATS_PER_LEASE = 3


class LeaseTerms:
    """`projects` is the replica of what the catalog says; a new setting holds from the next claim or heartbeat on."""

    def __init__(self, projects: Mapping[str, ProjectState], lease_for: timedelta, heartbeat: timedelta) -> None:
        self._projects = projects
        self._lease_for = lease_for
        self._heartbeat_seconds = int(heartbeat.total_seconds())

    def lease_for(self, project: str) -> timedelta:
        """The time until a silent worker's job is given to others."""
        return self._own(project) or self._lease_for

    def heartbeat_seconds(self, project: str) -> int:
        """The interval that a worker is told, at least one second."""
        own = self._own(project)
        if own is None:
            return self._heartbeat_seconds
        return max(1, min(self._heartbeat_seconds, int(own.total_seconds()) // BEATS_PER_LEASE))

    def _own(self, project: str) -> timedelta | None:
        state = self._projects.get(project)
        return liveness(state.config) if state is not None and state.config else None
