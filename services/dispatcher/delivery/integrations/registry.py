"""The integrations of this installation, by the names of their actions."""

from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from libs.contracts.codec import JsonObject
from libs.contracts.schema_gate import Gate, compile_schema
from services.dispatcher.delivery.integrations.port import Integration, IntegrationAction, InvocationContext
from services.dispatcher.delivery.verdict import Verdict


@dataclass(frozen=True)
class BoundAction:
    """An action with the integration that carries it out, and its two gates."""

    integration: Integration
    action: IntegrationAction
    input_gate: Gate
    output_gate: Gate

    async def invoke(self, parameters: JsonObject, context: InvocationContext) -> Verdict:
        """One attempt."""
        return await self.integration.invoke(self.action.name, parameters, context)


class IntegrationRegistry:
    """`async with IntegrationRegistry([…]) as registry` opens all of them. ValueError for names that do not fit."""

    def __init__(self, integrations: Iterable[Integration]) -> None:
        self._integrations = tuple(integrations)
        self._bound: dict[str, BoundAction] = {}
        for integration in self._integrations:
            for action in integration.actions:
                self._bind(integration, action)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for integration in self._integrations:
            self._stack.push_async_callback(integration.close)
            await integration.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def find(self, name: str) -> BoundAction | None:
        """The platform action of this name."""
        return self._bound.get(name)

    def all(self) -> tuple[BoundAction, ...]:
        """Every platform action, in the order of the registry."""
        return tuple(self._bound.values())

    def _bind(self, integration: Integration, action: IntegrationAction) -> None:
        if not action.name.startswith(f"{integration.slug}.") or action.name in self._bound:
            raise ValueError(f"expected a new name that begins with {integration.slug}., but it is {action.name}")
        gates = compile_schema(action.input_schema), compile_schema(action.output_schema)
        self._bound[action.name] = BoundAction(integration, action, *gates)
