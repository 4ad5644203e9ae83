"""What the catalog says: projects, keys and actions, and the compacted state that others keep replicas of."""

from typing import ClassVar, Literal

from libs.contracts.moment import Moment
from libs.contracts.payload import JsonValue, Payload, Record

Role = Literal["admin", "author", "worker", "viewer"]


class Annotations(Record):
    """How an action may be used safely. All default to "no promise"."""

    idempotent: bool = False
    destructive: bool = False
    read_only: bool = False


class SealedSecret(Record):
    """A signing secret under the master key. `expires_at` is set while a rotated one is in its grace period."""

    version: int
    sealed: str
    expires_at: Moment | None = None


class ProjectCreated(Payload):
    """A project: the room that actions, workflows, runs and keys live in."""

    type: ClassVar[str] = "project.created"

    project_id: str
    handle: str
    name: str


class ApiKeyCreated(Payload):
    """An API key was issued. The key itself was answered once and is nowhere."""

    type: ClassVar[str] = "api_key.created"

    key_id: str
    name: str
    role: Role
    project: str | None = None


class ActionCreated(Payload):
    """An action was registered: from now on steps can name it."""

    type: ClassVar[str] = "action.created"

    action_id: str
    name: str
    title: str | None = None
    description: str | None = None
    endpoint_url: str
    input_schema: dict[str, JsonValue] | None = None
    output_schema: dict[str, JsonValue] | None = None
    annotations: Annotations | None = None
    secret_version: int


class AcceptedBreaking(Record):
    """A change of schemas that may break who depends on the action, and was wanted all the same."""

    reason: str
    """Why it was accepted, in the words of who did it."""
    findings: list[str]
    """What may be refused that was accepted, or produced that was not promised."""


class ActionUpdated(Payload):
    """An action was changed. The fields say what holds from now on, `changed` which of them are new."""

    type: ClassVar[str] = "action.updated"

    action_id: str
    name: str
    title: str | None = None
    description: str | None = None
    endpoint_url: str
    input_schema: dict[str, JsonValue] | None = None
    output_schema: dict[str, JsonValue] | None = None
    annotations: Annotations | None = None
    changed: list[str]
    """The names of the fields that have another value than before."""
    accepted_breaking: AcceptedBreaking | None = None
    """Set where a schema changed so that dependents may break; absent: no schema did."""


class ActionDeleted(Payload):
    """An action is gone: steps cannot name it any more, and its name is free."""

    type: ClassVar[str] = "action.deleted"

    action_id: str
    name: str


class IntegrationConnected(Payload):
    """A project was connected with an integration, or its connection got other credentials. None of them is in here."""

    type: ClassVar[str] = "integration.connected"

    integration: str
    """The integration by its slug, for example `github`."""
    connection_version: int
    """Grows with every change of the connection, from 1."""
    fields: list[str]
    """The names of the credentials that were given."""


class IntegrationDisconnected(Payload):
    """A project's connection with an integration is gone, and its credentials with it."""

    type: ClassVar[str] = "integration.disconnected"

    integration: str
    """The integration by its slug, for example `github`."""
    connection_version: int
    """The version of the credentials that are gone."""


class ProjectState(Payload):
    """The latest of a project; key: its handle."""

    type: ClassVar[str] = "project.state"

    project_id: str
    handle: str
    name: str
    archived: bool = False


class ApiKeyState(Payload):
    """The latest of an API key; key: its id. The key itself is nowhere, only its SHA-256."""

    type: ClassVar[str] = "api_key.state"

    key_id: str
    token_sha256: str
    name: str
    role: Role
    project: str | None = None
    revoked: bool = False
    expires_at: Moment | None = None


class ActionState(Payload):
    """The latest of a project's action; key: `<project>/<name>`."""

    type: ClassVar[str] = "action.state"

    action_id: str
    project: str
    name: str
    title: str | None = None
    description: str | None = None
    endpoint_url: str
    input_schema: dict[str, JsonValue] | None = None
    output_schema: dict[str, JsonValue] | None = None
    annotations: Annotations | None = None
    secrets: list[SealedSecret]
    deleted: bool = False


class IntegrationState(Payload):
    """The latest of a project's connection with an integration; key: `<project>/<slug>`."""

    type: ClassVar[str] = "integration.state"

    project: str
    integration: str
    """The integration by its slug, for example `github`."""
    connection_version: int
    """Grows with every change of the connection, from 1."""
    sealed: str | None = None
    """The credentials, a JSON object, under the installation's master key; absent: disconnected."""
