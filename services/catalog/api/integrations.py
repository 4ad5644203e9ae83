"""A project's connections with integrations: connect, look, disconnect. The dispatcher tries them out."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.http import NOT_FOUND, Answer, Call, Empty, Json
from libs.chassis.sealing import Sealer
from libs.contracts.codec import dump_json
from libs.contracts.events.dispatcher import ConnectionTestState, PlatformIntegrationState
from libs.contracts.integration_credentials import credentials_aad
from services.catalog.api.calls import context_of
from services.catalog.api.integration_models import (
    ConnectIntegrationRequest,
    IntegrationListResponse,
    IntegrationResponse,
)
from services.catalog.api.integration_views import integration_view
from services.catalog.domain.integrations import Connection, connection_key, credentials_problem
from services.catalog.store.integrations import Integrations


@dataclass(frozen=True)
class Announced:
    """Replicas of what the dispatcher says. `catch_up` reads them to their topics' present ends."""

    integrations: Mapping[str, PlatformIntegrationState]
    tests: Mapping[str, ConnectionTestState]
    catch_up: Callable[[], Awaitable[None]]


class IntegrationHandlers:
    """Answers `/integrations` and `/integrations/{slug}`."""

    def __init__(self, integrations: Integrations, announced: Announced, sealer: Sealer, clock: Clock) -> None:
        self._integrations = integrations
        self._announced = announced
        self._sealer = sealer
        self._clock = clock

    async def connect(self, call: Call[ConnectIntegrationRequest, None]) -> Answer:
        """201 for the first credentials, 200 for others in their place."""
        announced = await self._known(call.params["slug"])
        if announced is None or announced.withdrawn:
            return NOT_FOUND
        credentials = call.body.credentials
        refused = credentials_problem(announced.credentials_schema, announced.title, credentials)
        if refused is not None:
            return refused
        slug = announced.integration
        sealed = str(self._sealer.seal(dump_json(credentials), credentials_aad(call.project, slug)))
        made = await self._integrations.connect(slug, sorted(credentials), sealed, context_of(call, self._clock))
        if isinstance(made, Rejected):
            return made
        return Json(200 if made.replaced else 201, self._view(announced, made.connection, call.project))

    async def disconnect(self, call: Call[None, None]) -> Answer:
        """204, also for an integration that is here no more; 404 without a connection."""
        ended = await self._integrations.disconnect(call.params["slug"], context_of(call, self._clock))
        return ended if isinstance(ended, Rejected) else Empty(204)

    async def list(self, call: Call[None, None]) -> Answer:
        """All at once, by slug; of those that are here no more only what the project is connected with."""
        await self._announced.catch_up()
        connections = await self._integrations.all(call.project)
        shown = [
            self._view(announced, connections.get(slug), call.project)
            for slug, announced in sorted(self._announced.integrations.items())
            if not announced.withdrawn or slug in connections
        ]
        return Json(200, IntegrationListResponse(items=shown))

    async def get(self, call: Call[None, None]) -> Answer:
        """One of those that are listed, or 404."""
        await self._announced.catch_up()
        slug = call.params["slug"]
        announced = self._announced.integrations.get(slug)
        connection = (await self._integrations.all(call.project)).get(slug)
        if announced is None or (announced.withdrawn and connection is None):
            return NOT_FOUND
        return Json(200, self._view(announced, connection, call.project))

    async def _known(self, slug: str) -> PlatformIntegrationState | None:
        if slug not in self._announced.integrations:
            await self._announced.catch_up()
        return self._announced.integrations.get(slug)

    def _view(
        self, announced: PlatformIntegrationState, connection: Connection | None, project: str
    ) -> IntegrationResponse:
        test = self._announced.tests.get(connection_key(project, announced.integration))
        return integration_view(announced, connection, test)
