"""Actions of projects: how they are registered and changed, and what signs their deliveries."""

from typing import ClassVar

from libs.contracts.moment import Moment
from libs.contracts.payload import JsonValue, Payload, Record


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


class AcceptedBreaking(Record):
    """A change of schemas that may break who depends on the action, and was wanted all the same."""

    reason: str
    """Why it was accepted, in the words of who did it."""
    findings: list[str]
    """What may be refused that was accepted, or produced that was not promised."""


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
