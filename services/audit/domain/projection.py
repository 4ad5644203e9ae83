"""What a batch of events adds up to, before any of it is written.

Filled event by event, written with one statement. A run that began and ended in the same batch is one row, and so is an
attempt of which five events tell.
"""

from datetime import datetime
from typing import NamedTuple

from libs.contracts.envelope import Event
from libs.contracts.events.engine import RunCompleted, RunFailed, RunStarted, WorkflowCreated, WorkflowUpdated
from libs.contracts.payload import Payload
from services.audit.domain.attempts import Attempt, closed, merged
from services.audit.domain.invocations import Invocation
from services.audit.domain.runs import Beginning, Ending, beginning, ending
from services.audit.domain.workflows import Definition, Version, created, followed, updated, version_of, version_run


class RunEvent(NamedTuple):
    """An event in the history of a run. `data` is the record as it lies on the topic."""

    run_id: str
    at: datetime
    sequence: int
    id: str
    type: str
    path: str | None
    step: str | None
    data: bytes


class Projection:
    """Rows by their keys, each to be written once."""

    def __init__(self) -> None:
        self.invocations: dict[str, Invocation] = {}
        self.events: list[RunEvent] = []
        self.begun: dict[str, Beginning] = {}
        self.ended: dict[str, Ending] = {}
        self.attempts: dict[tuple[str, str], Attempt] = {}
        self.definitions: dict[str, Definition] = {}
        self.versions: dict[tuple[str, int], Version] = {}

    def tell(self, run_id: str, event: Event[Payload], raw: bytes, path: str | None, step: str | None) -> None:
        """Adds an event to the history of its run."""
        self.events.append(RunEvent(run_id, event.time, event.sequence, event.id, event.type, path, step, raw))

    def called(self, invocation: Invocation) -> None:
        """Adds a row to the action audit log."""
        self.invocations.setdefault(invocation.id, invocation)

    def attempt(self, attempt: Attempt) -> None:
        """Adds what is known of an attempt."""
        key = (attempt.run_id, attempt.id)
        known = self.attempts.get(key)
        self.attempts[key] = attempt if known is None else merged(known, attempt)

    def begin(self, event: Event[Payload], said: RunStarted) -> None:
        """A run starts, and with it may come a version that nobody has told of."""
        self.begun[event.subject] = beginning(event, said)
        if (said.definition_id, said.definition_version) not in self.versions:
            self._version(version_run(said))

    def end(self, event: Event[Payload], said: RunCompleted | RunFailed) -> None:
        """A run ends, and its open attempts with it."""
        self.ended[event.subject] = ending(said, event.time)
        if isinstance(said, RunFailed):
            for invocation_id in said.closed:
                self.attempt(closed(event.subject, invocation_id, event.time))

    def save(self, event: Event[Payload], said: WorkflowCreated | WorkflowUpdated) -> None:
        """A definition was saved or changed."""
        known = self.definitions.get(said.workflow_id)
        after = created(event, said) if isinstance(said, WorkflowCreated) else updated(event, said)
        self.definitions[said.workflow_id] = followed(known, after)
        self._version(version_of(event, said))

    def _version(self, version: Version | None) -> None:
        if version is not None:
            self.versions[version.workflow_id, version.version] = version
