"""What the dispatcher says: what became of jobs and server-side invocations, and which platform actions it offers, and
how connections with integrations fared when they were tried.

Terminal events carry everything about the invocation (parameters, result, who and when), so that a subscriber or the
audit log needs no other event to understand one.
"""

from typing import ClassVar, Literal

from libs.contracts.events.catalog import Annotations
from libs.contracts.events.engine import StepKind
from libs.contracts.moment import Moment
from libs.contracts.payload import JsonValue, Payload, Record


class _OfInvocation(Payload):
    invocation_id: str
    run_id: str
    workflow_name: str
    path: str
    step: str
    action: str
    queue: str
    attempt: int
    """Counts leases, from the step's attempt on: the fence that a worker presents."""


class _OfFinished(_OfInvocation):
    kind: StepKind
    parameters: dict[str, JsonValue]
    claimed_by: str
    scheduled_at: Moment
    claimed_at: Moment
    retry_count: int = 0
    worker_session_sha256: str | None = None
    """Proof of who reported, for answering a repeated report; never the token itself."""


class JobClaimed(_OfInvocation):
    """Said only of leases that have lasted for a moment; the terminal event tells the rest."""

    type: ClassVar[str] = "job.claimed"

    claimed_by: str
    claimed_at: Moment


class JobProgressed(_OfInvocation):
    """A custom event that the job's worker emitted."""

    type: ClassVar[str] = "job.progressed"

    name: str
    payload: dict[str, JsonValue]


class JobLeaseExpired(_OfInvocation):
    """The lease's holder went silent; the job is claimable again with `attempt` + 1, unless a `job.failed` follows."""

    type: ClassVar[str] = "job.lease_expired"

    claimed_by: str
    claimed_at: Moment


class JobClosed(_OfInvocation):
    """The run ended while the job was open: whatever its holder reports will not count. If anybody was ever given the
    work, the event says who had it last, and what it was: it may have been carried out."""

    type: ClassVar[str] = "job.closed"

    reason: str
    """How the run ended, or why else nobody waits for the job."""
    kind: StepKind | None = None
    """As in the events of a finished job; absent: nobody was ever given the work."""
    parameters: dict[str, JsonValue] | None = None
    """The rendered parameters of the step; absent: nobody was ever given the work."""
    claimed_by: str | None = None
    """Who has the work, or had it last before his lease expired; absent: nobody was ever given it."""
    claimed_at: Moment | None = None
    """When it was taken; absent: never."""


class JobReportedLate(_OfInvocation):
    """A report about a job whose run had ended before. It is kept here and applied nowhere."""

    type: ClassVar[str] = "job.reported_late"

    claimed_by: str
    status: Literal["completed", "failed"]


class JobCompleted(_OfFinished):
    """A worker reported the result in time, and it holds against the output schema."""

    type: ClassVar[str] = "job.completed"

    result: JsonValue = None


class JobFailed(_OfFinished):
    """The job's attempt failed for good: the worker said so, its lease expired too often, or a contract was broken."""

    type: ClassVar[str] = "job.failed"

    error_type: str
    error_message: str
    details: dict[str, JsonValue] | None = None


class InvocationCompleted(_OfFinished):
    """A server-side action, executed by the dispatcher itself, succeeded."""

    type: ClassVar[str] = "invocation.completed"

    result: JsonValue = None


class InvocationFailed(_OfFinished):
    """A server-side action failed after what retries its annotations allow."""

    type: ClassVar[str] = "invocation.failed"

    error_type: str
    error_message: str
    details: dict[str, JsonValue] | None = None


class IntegrationTested(Payload):
    """A connection with an integration was tried, as its steps would use it."""

    type: ClassVar[str] = "integration.tested"

    integration: str
    """The integration by its slug, for example `github`."""
    connection_version: int | None = None
    """The version of the project's credentials that were tried; absent: the installation's own."""
    passed: bool
    error_type: str | None = None
    error_message: str | None = None


class PlatformActionState(Payload):
    """The latest of a platform action; key: its name."""

    type: ClassVar[str] = "platform_action.state"

    name: str
    integration: str
    title: str
    description: str
    input_schema: dict[str, JsonValue]
    output_schema: dict[str, JsonValue]
    annotations: Annotations
    available: bool
    withdrawn: bool = False


class SecretUse(Record):
    """How a version of a signing secret was last accepted by the endpoint, that is: answered with 2xx."""

    version: int
    accepted_at: Moment
    """The last request that it signed and that was accepted. Others may have signed it too: then one of them was right.
    Written at most once a minute."""
    accepted_alone_at: Moment | None = None
    """The last accepted request that it alone signed: the endpoint has it. Absent: none was seen."""


class SecretProbe(Record):
    """The last probe of a signing secret that waits for its proof."""

    version: int
    at: Moment
    """When it was sent."""
    tries: int
    """How many there were, this one included."""
    status: int | None = None
    """What the endpoint answered; 2xx accepts the secret. Absent: it did not answer."""
    error: str | None = None
    """Why there was no answer."""
    endpoint_url: str | None = None
    """Where it was sent: an answer from elsewhere than the action's endpoint proves nothing. Absent: not told."""


class SecretUseState(Payload):
    """The latest that is known of the use of an action's signing secrets; key: `<project>/<name>`."""

    type: ClassVar[str] = "secret_use.state"

    action_id: str
    project: str
    name: str
    uses: list[SecretUse]
    """By version, newest first; only versions that can still sign."""
    probe: SecretProbe | None = None
    """The last probe; absent: there was none."""


class PlatformIntegrationState(Payload):
    """The latest of an integration that this installation has; key: its slug."""

    type: ClassVar[str] = "platform_integration.state"

    integration: str
    """The integration by its slug, for example `github`."""
    title: str
    description: str
    credentials_schema: dict[str, JsonValue] | None = None
    """The JSON Schema of what a project connects it with, secrets marked `writeOnly`; absent: it takes none."""
    connect_help: str
    """Where the credentials come from, for people."""
    needs_connection: bool
    """Whether its actions can be invoked with credentials only."""
    has_default: bool
    """Whether the installation has credentials of its own for projects without a connection."""
    withdrawn: bool = False
    """The integration is offered no more."""


class ConnectionTestState(Payload):
    """How a project's connection with an integration fared when it was tried last; key: `<project>/<slug>`."""

    type: ClassVar[str] = "connection_test.state"

    project: str
    integration: str
    """The integration by its slug, for example `github`."""
    connection_version: int | None = None
    """The version of the project's credentials that were tried; absent: the installation's own."""
    passed: bool
    error_type: str | None = None
    error_message: str | None = None
    tested_at: Moment
    tested_by: str
    """Who asked for it, for example `key_…`."""
