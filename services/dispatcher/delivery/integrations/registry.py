"""The integrations of this installation, by their slugs and by the names of their actions."""

import re
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import structlog

from libs.contracts.codec import JsonObject
from libs.contracts.schema_gate import Gate, compile_schema
from services.dispatcher.delivery.integrations.port import Integration, IntegrationAction, InvocationContext
from services.dispatcher.delivery.integrations.redaction import redacted, secrets_in
from services.dispatcher.delivery.verdict import Failure, Verdict

_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_RESERVED = frozenset({"mobius", "project"})
"""`mobius.` is the platform's own; `project` is the catalog's word for a project's own actions."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class BoundAction:
    """An action with the integration that carries it out, and its two gates."""

    integration: Integration
    action: IntegrationAction
    input_gate: Gate
    output_gate: Gate

    async def invoke(self, parameters: JsonObject, context: InvocationContext) -> Verdict:
        """One attempt. What comes back has no secret of the credentials in it, and is no exception."""
        try:
            verdict = await self.integration.invoke(self.action.name, parameters, context)
        except Exception as error:
            verdict = _broken(self.integration, error)
        return redacted(verdict, secrets_in(self.integration.connecting, context.credentials))


class IntegrationRegistry:
    """`async with IntegrationRegistry([…]) as registry` opens all of them.

    One that does not fit beside the others, or that cannot be opened, is refused with a line in the log; the others
    work. `refused` has their slugs with the reasons.
    """

    def __init__(self, integrations: Iterable[Integration]) -> None:
        self.refused: dict[str, str] = {}
        self._integrations: dict[str, Integration] = {}
        self._bound: dict[str, BoundAction] = {}
        for integration in integrations:
            try:
                self._add(integration)
            except Exception as error:
                self._refuse(integration, error)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for integration in list(self._integrations.values()):
            self._stack.push_async_callback(integration.close)
            try:
                await integration.open()
            except Exception as error:
                self._refuse(integration, error)
                del self._integrations[integration.slug]
                self._bound = {
                    name: bound for name, bound in self._bound.items() if bound.integration is not integration
                }
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def find(self, name: str) -> BoundAction | None:
        """The platform action of this name."""
        return self._bound.get(name)

    def integration(self, slug: str) -> Integration | None:
        """The integration of this slug."""
        return self._integrations.get(slug)

    def all(self) -> tuple[BoundAction, ...]:
        """Every platform action, in the order of the registry."""
        return tuple(self._bound.values())

    def integrations(self) -> tuple[Integration, ...]:
        """Every integration, in the order of the registry."""
        return tuple(self._integrations.values())

    async def test(self, integration: Integration, credentials: JsonObject) -> Verdict:
        """Tries the credentials. What comes back has none of their secrets in it, and is no exception."""
        try:
            verdict = await integration.test(credentials)
        except Exception as error:
            verdict = _broken(integration, error)
        return redacted(verdict, secrets_in(integration.connecting, credentials))

    def _add(self, integration: Integration) -> None:
        """All of it or nothing. Raises for what does not fit."""
        slug = integration.slug
        if not _SLUG.fullmatch(slug) or slug in _RESERVED or slug in self._integrations:
            raise ValueError(f"expected a new slug of lower-case letters, digits and inner hyphens, but it is {slug!r}")
        if integration.connecting is not None:
            compile_schema(integration.connecting.schema)
        bound = {action.name: _bind(integration, action) for action in integration.actions}
        if not bound or len(bound) != len(integration.actions):
            raise ValueError(f"expected actions with names of their own, but {slug} has none or two of a name")
        self._integrations[slug] = integration
        self._bound |= bound

    def _refuse(self, integration: Integration, error: Exception) -> None:
        slug = str(getattr(integration, "slug", None) or type(integration).__qualname__)
        self.refused[slug] = f"{type(error).__name__}: {error}"
        log.error("integration_refused", integration=slug, error=self.refused[slug])


def _bind(integration: Integration, action: IntegrationAction) -> BoundAction:
    if not action.name.startswith(f"{integration.slug}."):
        raise ValueError(f"expected a name that begins with {integration.slug}., but it is {action.name}")
    return BoundAction(integration, action, compile_schema(action.input_schema), compile_schema(action.output_schema))


def _broken(integration: Integration, error: Exception) -> Failure:
    """A bug of the integration. Its words may quote what it was given, so that they are repeated nowhere."""
    log.error("integration_failed", integration=integration.slug, error=type(error).__name__)
    sentence = f"expected {integration.slug} to answer with a verdict, but it failed at it ({type(error).__name__})"
    return Failure("fatal_error", sentence, retryable=False, certain=False)
