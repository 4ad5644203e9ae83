"""Tries a connection with an integration, as the project's steps would use it."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.http import NOT_FOUND, Answer, Call, Json
from libs.chassis.journal.entry import Context
from services.dispatcher.delivery.integrations.connections import NOT_CONNECTED, Connections
from services.dispatcher.delivery.integrations.registry import IntegrationRegistry
from services.dispatcher.delivery.verdict import Failure
from services.dispatcher.store.connection_tests import ConnectionTests, Tested


class IntegrationTestResponse(BaseModel):
    """What came of the trial."""

    model_config = ConfigDict(frozen=True)

    passed: bool = Field(description="Whether the other side took the credentials.")
    connection: str = Field(description="Whose credentials were tried: the `project`'s or the `installation`'s own.")
    error_type: str | None = Field(None, description="What kind of error it was.")
    error_message: str | None = Field(None, description="The error as a sentence.")
    tested_at: datetime = Field(description="When it was tried.")


class Integrations:
    """Answers `/integrations/{slug}/test`. What else there is to ask of connections, the catalog answers."""

    def __init__(
        self, registry: IntegrationRegistry, connections: Connections, tests: ConnectionTests, clock: Clock
    ) -> None:
        self._registry = registry
        self._connections = connections
        self._tests = tests
        self._clock = clock

    async def test(self, call: Call[None, None]) -> Answer:
        """200 with the outcome, whatever it is; 409 where there is nothing to try."""
        integration = self._registry.integration(call.params["slug"])
        if integration is None:
            return NOT_FOUND
        connection = await self._connections.of(call.project, integration)
        if isinstance(connection, Failure):
            code = NOT_CONNECTED if connection.error_type == NOT_CONNECTED else None
            return Rejected("invalid_state", connection.sentence, code=code, details=connection.details)
        if not connection.credentials:
            sentence = f"expected a connection to try, but project {call.project} has none with {integration.title}"
            return Rejected("invalid_state", sentence, code=NOT_CONNECTED)
        verdict = await self._registry.test(integration, connection.credentials)
        failed = verdict if isinstance(verdict, Failure) else None
        tested = Tested(
            integration=integration.slug,
            connection_version=connection.version,
            passed=failed is None,
            error_type=failed.error_type if failed else None,
            error_message=failed.sentence if failed else None,
        )
        context = self._context(call)
        await self._tests.record(tested, context)
        return Json(200, _shown(tested, context.now))

    def _context(self, call: Call[None, None]) -> Context:
        return Context(
            service="dispatcher",
            project=call.project,
            now=self._clock.now(),
            actor=call.principal.key_id,
            traceparent=call.traceparent,
        )


def _shown(tested: Tested, tested_at: datetime) -> IntegrationTestResponse:
    return IntegrationTestResponse(
        passed=tested.passed,
        connection="installation" if tested.connection_version is None else "project",
        error_type=tested.error_type,
        error_message=tested.error_message,
        tested_at=tested_at,
    )
