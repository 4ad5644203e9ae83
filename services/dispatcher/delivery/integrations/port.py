"""What an integration is: a few actions with their contracts, and a way to carry one out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from libs.contracts.codec import JsonObject
from libs.contracts.events.catalog import Annotations
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
class InvocationContext:
    """For whom an action is carried out. `timeout` is for this attempt."""

    project: str
    run_id: str
    step_key: str
    invocation_id: str
    attempt: int
    timeout: timedelta | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Such as `traceparent`, for integrations that pass them on."""


class Integration(Protocol):
    """Holds its connections between `open` and `close`."""

    @property
    def slug(self) -> str:
        """Lower-case, without dots: the part of the action names before the dot."""
        ...

    @property
    def available(self) -> bool:
        """Whether it is connected: configured with what it needs."""
        ...

    @property
    def actions(self) -> Sequence[IntegrationAction]: ...

    async def invoke(self, action: str, parameters: JsonObject, context: InvocationContext) -> Verdict:
        """Carries out one action once. `parameters` passed the input schema. Raises nothing for what the other side
        does; the result is held against the output schema by the caller."""
        ...

    async def open(self) -> None:
        """Makes ready. Needs the running loop."""
        ...

    async def close(self) -> None:
        """Lets go of connections. Safe to call twice."""
        ...
