"""What the catalog says: projects, keys and actions, and the compacted state that others keep replicas of."""

from typing import ClassVar, Literal

from libs.contracts.moment import Moment
from libs.contracts.payload import JsonValue, Payload, Record

Role = Literal["admin", "author", "worker", "viewer"]
AccessMode = Literal["org_open", "restricted"]


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
    created_at: Moment | None = None
    """When it was made."""


class PendingSecret(Record):
    """A signing secret under the master key that signs probes only, until the endpoint has accepted one."""

    version: int
    sealed: str
    created_at: Moment
    """When it was made."""
    grace_seconds: int
    """How long the secrets before it go on to sign once it is accepted (seconds)."""


class ConfigEntry(Record):
    """One setting of a project."""

    category: str
    """A group of settings: `timeouts`."""
    key: str
    """The setting within its group."""
    value: str
    """Its value as text, for example `30s`."""


class ProjectCreated(Payload):
    """A project: the room that actions, workflows, runs and keys live in."""

    type: ClassVar[str] = "project.created"

    project_id: str
    handle: str
    name: str
    description: str | None = None
    access_mode: AccessMode = "org_open"
    tags: dict[str, str] = {}


class ProjectUpdated(Payload):
    """A project as it is called and opened after the change. Its handle never changes."""

    type: ClassVar[str] = "project.updated"

    project_id: str
    handle: str
    name: str
    description: str | None = None
    access_mode: AccessMode
    tags: dict[str, str] = {}


class ProjectArchived(Payload):
    """A project takes nothing new from now on; what is under way goes on to its end."""

    type: ClassVar[str] = "project.archived"

    project_id: str
    handle: str


class ProjectRestored(Payload):
    """An archived project takes new work again."""

    type: ClassVar[str] = "project.restored"

    project_id: str
    handle: str


class ProjectDeleted(Payload):
    """A project is gone for good, and nobody reaches what was in it. Its handle is never given again."""

    type: ClassVar[str] = "project.deleted"

    project_id: str
    handle: str


class ProjectConfigured(Payload):
    """The settings of a project, all of them, as they are after the change."""

    type: ClassVar[str] = "project.configured"

    project_id: str
    handle: str
    config: list[ConfigEntry]


class ProjectMemberAdded(Payload):
    """A key of the whole installation may use the project even while that is restricted."""

    type: ClassVar[str] = "project.member_added"

    project_id: str
    handle: str
    key_id: str


class ProjectMemberRemoved(Payload):
    """A key is no member any more, and does not reach the project while that is restricted."""

    type: ClassVar[str] = "project.member_removed"

    project_id: str
    handle: str
    key_id: str


class ApiKeyCreated(Payload):
    """An API key was issued. The key itself was answered once and is nowhere."""

    type: ClassVar[str] = "api_key.created"

    key_id: str
    name: str
    role: Role
    project: str | None = None
    expires_at: Moment | None = None


class ApiKeyRevoked(Payload):
    """An API key opens nothing any more."""

    type: ClassVar[str] = "api_key.revoked"

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


class ActionSecretStaged(Payload):
    """A new signing secret was answered and waits for its proof: it signs nothing but probes until one is accepted."""

    type: ClassVar[str] = "action.secret_staged"

    action_id: str
    name: str
    secret_version: int
    grace_seconds: int
    """How long the secrets before it go on to sign once it is accepted (seconds)."""
    replaced_version: int | None = None
    """The version that was waiting before and never will sign; absent: none was."""


class ActionSecretRotated(Payload):
    """Another signing secret is the active one from now on."""

    type: ClassVar[str] = "action.secret_rotated"

    action_id: str
    name: str
    secret_version: int
    previous_version: int
    """The version that was active before."""
    grace_ends_at: Moment
    """Until when the secrets before it sign too; the time of the event itself where they were revoked at once."""
    proven: bool = False
    """Whether the endpoint had accepted a probe that was signed with it."""


class ProjectState(Payload):
    """The latest of a project; key: its handle."""

    type: ClassVar[str] = "project.state"

    project_id: str
    handle: str
    name: str
    archived: bool = False
    deleted: bool = False
    """The project is gone; its handle stays taken."""
    access_mode: AccessMode = "org_open"
    members: list[str] = []
    """Ids of the keys of the whole installation that may use it while it is restricted."""
    config: list[ConfigEntry] = []


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
    pending_secret: PendingSecret | None = None
    """A new signing secret whose acceptance the dispatcher asks for; absent: none waits."""
