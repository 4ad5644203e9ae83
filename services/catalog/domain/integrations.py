"""A project's connection with an integration: how it is made, replaced and taken back.

What integrations there are and what connects them, the dispatcher announces. The credentials pass through here never,
only the names of their fields.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.chassis.decider import Rejected
from libs.contracts.codec import JsonObject
from libs.contracts.envelope import Event
from libs.contracts.events.catalog import IntegrationConnected, IntegrationDisconnected, IntegrationState
from libs.contracts.payload import Payload
from libs.contracts.schema_faults import Violation
from libs.contracts.schema_gate import compile_schema
from services.catalog.domain.problems import Problem, below, refusal


@dataclass(frozen=True, slots=True)
class Connection:
    """What the catalog knows of a connection. `version` grows with every change; `fields` are names of what is set."""

    project: str
    integration: str
    version: int
    fields: tuple[str, ...]
    connected_at: datetime
    connected_by: str | None

    @property
    def key(self) -> str:
        """The key of its events and of its state."""
        return connection_key(self.project, self.integration)


@dataclass(frozen=True, slots=True)
class Connect:
    """Connect, or take other credentials. `version` is more than any that the connection had before."""

    integration: str
    version: int
    fields: tuple[str, ...]


def credentials_problem(schema: JsonObject | None, title: str, credentials: JsonObject) -> Rejected | None:
    """Why these are not what the integration takes; None when they are. No value is repeated, and no name that the
    schema does not have: who takes one for the other has written a secret there."""
    if schema is None:
        return Rejected("invalid_state", f"expected an integration that takes credentials, but {title} needs none")
    fields = schema.get("properties")
    known = fields if isinstance(fields, dict) else {}
    problems = [_problem(known, one) for one in compile_schema(schema).violations(credentials)]
    return refusal(problems) if problems else None


def _problem(known: JsonObject, violation: Violation) -> Problem:
    """Below all credentials, or below one of the `known` fields."""
    name = violation.pointer.removeprefix("/").partition("/")[0]
    if name == "" or name in known:
        return Problem(below("credentials", f"/{name}" if name else ""), violation.message)
    return Problem("credentials", f"expected no other fields than {', '.join(known)}, but there is one")


def connect(command: Connect) -> Sequence[IntegrationConnected]:
    """Connecting again replaces the credentials, whatever they were."""
    return [
        IntegrationConnected(
            integration=command.integration, connection_version=command.version, fields=list(command.fields)
        )
    ]


def disconnect(state: Connection | None) -> Sequence[IntegrationDisconnected] | Rejected:
    """`state` is the connection, if there is one."""
    if state is None:
        return Rejected("not_found", "expected a connection, but there is none")
    return [IntegrationDisconnected(integration=state.integration, connection_version=state.version)]


def evolve(state: Connection | None, event: Event[Payload]) -> Connection | None:
    """The connection after one of its events. The envelope tells the project, the time and who did it."""
    match event.data:
        case IntegrationConnected() as said:
            return Connection(
                project=event.project,
                integration=said.integration,
                version=said.connection_version,
                fields=tuple(said.fields),
                connected_at=event.time,
                connected_by=event.actor,
            )
        case IntegrationDisconnected():
            return None
        case _:
            return state


def announcement(connection: Connection, sealed: str | None) -> IntegrationState:
    """The record that the dispatcher keeps a replica of. `sealed` None: disconnected."""
    return IntegrationState(
        project=connection.project,
        integration=connection.integration,
        connection_version=connection.version,
        sealed=sealed,
    )


def connection_key(project: str, integration: str) -> str:
    """What a connection's events are ordered by, and the key of its state."""
    return f"{project}/{integration}"


def event_stream(project: str, integration: str) -> str:
    """The stream of what happened to a connection; it goes on when a project connects again."""
    return f"integration/{project}/{integration}"


def state_stream(project: str, integration: str) -> str:
    """The stream of a connection's states."""
    return f"integration-state/{project}/{integration}"
