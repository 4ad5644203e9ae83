"""What an integration is: a few actions with their contracts, what connects it, and a way to carry an action out.

An integration knows nothing of projects. It is given the credentials with each call, and keeps them nowhere.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

from libs.contracts.codec import JsonObject
from libs.contracts.events.catalog import Annotations
from libs.contracts.targets import TargetPolicy
from services.dispatcher.delivery.limits import DeliveryLimits
from services.dispatcher.delivery.verdict import Verdict


@dataclass(frozen=True)
class IntegrationAction:
    """One entry of the catalog; `name` is `<slug>.<verb-object>`, as steps write it."""

    name: str
    title: str
    description: str
    input_schema: JsonObject
    output_schema: JsonObject
    annotations: Annotations


@dataclass(frozen=True)
class Connecting:
    """What connects a project. `schema` describes an object; what is secret in it is marked `"writeOnly": true`."""

    schema: JsonObject
    help: str
    """Where a person gets the credentials, in a sentence or two."""

    required: bool = True
    """Whether nothing can be invoked without them."""


@dataclass(frozen=True)
class InvocationContext:
    """For whom an action is carried out, and with which credentials. `timeout` is for this attempt."""

    project: str
    run_id: str
    step_key: str
    invocation_id: str
    attempt: int
    timeout: timedelta | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Such as `traceparent`, for integrations that pass them on."""

    credentials: JsonObject = field(default_factory=dict, repr=False)
    """As `Connecting.schema` has them; empty without a connection, where none is required."""


@dataclass(frozen=True)
class Room:
    """What an integration is made with: where the operator lets requests go, and what one may take."""

    targets: TargetPolicy = TargetPolicy()
    limits: DeliveryLimits = DeliveryLimits()


class Integration(ABC):
    """Holds its connections to the network between `open` and `close`."""

    slug: ClassVar[str]
    """Lower-case, without dots: the part of the action names before the dot."""

    title: ClassVar[str]
    description: ClassVar[str]
    actions: ClassVar[Sequence[IntegrationAction]]
    connecting: ClassVar[Connecting | None] = None
    """None: it takes no credentials."""

    @property
    def default(self) -> JsonObject | None:
        """The installation's own credentials, for projects without a connection."""
        return None

    @abstractmethod
    async def invoke(self, action: str, parameters: JsonObject, context: InvocationContext) -> Verdict:
        """Carries out one action once. `parameters` passed the input schema. Raises nothing for what the other side
        does; the result is held against the output schema by the caller."""

    async def test(self, credentials: JsonObject) -> Verdict:
        """Whether the other side takes the credentials: asks it something that changes nothing."""
        raise NotImplementedError

    async def open(self) -> None:  # noqa: B027  most have something to open, and some have not
        """Makes ready. Needs the running loop."""

    async def close(self) -> None:  # noqa: B027
        """Lets go of connections. Safe to call twice."""
