"""Carries out one invocation to its end: builds what is sent, tries, and tries again where the annotations allow it."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar, cast

import structlog

from libs.chassis.db.errors import Unavailable
from libs.chassis.failpoints import reached
from libs.chassis.telemetry import tracing
from libs.contracts.codec import JsonObject, parse_json
from services.dispatcher.delivery.classification import judge, repeatable
from services.dispatcher.delivery.endpoints import Endpoints
from services.dispatcher.delivery.envelope import Invocation, encode_body
from services.dispatcher.delivery.integrations.connections import Connections
from services.dispatcher.delivery.integrations.port import InvocationContext
from services.dispatcher.delivery.integrations.registry import BoundAction, IntegrationRegistry
from services.dispatcher.delivery.outcome import Delivery
from services.dispatcher.delivery.retry_pace import RetryPace
from services.dispatcher.delivery.sender import Sender
from services.dispatcher.delivery.verdict import Failure, Success, Verdict
from services.dispatcher.domain.jobs import Job
from services.dispatcher.store.actions import Endpoint
from services.dispatcher.store.secret_uses import SecretUses

LOOK_AGAIN = timedelta(seconds=1)

Known = TypeVar("Known")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """How an errand ended, and how many attempts were repeats."""

    verdict: Verdict
    retries: int


class Errands:
    """Knows where an action is carried out: at the project's endpoint, or by an integration."""

    def __init__(
        self,
        endpoints: Endpoints,
        sender: Sender,
        integrations: IntegrationRegistry,
        connections: Connections,
        pace: RetryPace,
        uses: SecretUses,
    ) -> None:
        self._endpoints = endpoints
        self._uses = uses
        self._sender = sender
        self._integrations = integrations
        self._connections = connections
        self._pace = pace

    async def run(self, job: Job) -> Done:
        """Tries until it succeeds, or the failure or the pace allow no more. Raises nothing for what others do."""
        attempts = 0
        while True:
            attempts += 1
            with tracing.span(f"deliver {job.action}", job.traceparent, "client") as span:
                span.set("mobius.invocation_id", job.job_id)
                verdict = await self._attempt(job, {"traceparent": span.traceparent} if span.traceparent else {})
                if isinstance(verdict, Failure):
                    span.fail(verdict.error_type)
            if isinstance(verdict, Success):
                return Done(verdict, attempts - 1)
            pause = self._pace.pause_after(verdict, attempts, random.random())  # noqa: S311
            if pause is None:
                return Done(verdict, attempts - 1)
            await asyncio.sleep(pause.total_seconds())

    async def _attempt(self, job: Job, headers: Mapping[str, str]) -> Verdict:
        bound = self._integrations.find(job.action)
        if bound is not None:
            return await self._integrate(bound, job, headers)
        endpoint = await _when_known(job, lambda: self._endpoints.of(job.project, job.action))
        return endpoint if isinstance(endpoint, Failure) else await self._post(endpoint, job, headers)

    async def _post(self, endpoint: Endpoint, job: Job, headers: Mapping[str, str]) -> Verdict:
        promises = endpoint.annotations
        delivery = Delivery(
            url=endpoint.url,
            body=encode_body(_told(job)),
            secrets=endpoint.secrets,
            delivery_id=job.job_id,
            may_repeat=repeatable(promises),
            headers=headers,
        )
        outcome = await self._sender.post(delivery)
        assert reached("delivery_answered")
        if outcome.accepted:
            self._uses.note(job.project, job.action, endpoint)
        return judge(outcome, promises, endpoint.output_gate)

    async def _integrate(self, bound: BoundAction, job: Job, headers: Mapping[str, str]) -> Verdict:
        connection = await _when_known(job, lambda: self._connections.of(job.project, bound.integration))
        if isinstance(connection, Failure):
            return connection
        context = InvocationContext(
            project=job.project,
            run_id=job.run_id,
            step_key=job.step,
            invocation_id=job.job_id,
            attempt=job.attempt,
            headers=headers,
            credentials=connection.credentials,
        )
        verdict = await bound.invoke(cast(JsonObject, parse_json(job.parameters)), context)
        assert reached("integration_answered")
        if isinstance(verdict, Success) and (violations := bound.output_gate.violations(verdict.result)):
            sentence = f"expected an answer as {job.action} promises, but {violations[0].message}"
            return Failure("contract_violation", sentence, retryable=False, certain=False)
        return verdict


async def _when_known(job: Job, ask: Callable[[], Awaitable[Known]]) -> Known:
    """Waits while the broker is away: nobody's step fails for that, and nothing is done by what may have changed."""
    while True:
        try:
            return await ask()
        except Unavailable as error:
            log.warning("errand_waits", job=job.job_id, error=str(error))
            await asyncio.sleep(LOOK_AGAIN.total_seconds())


def _told(job: Job) -> Invocation:
    return Invocation(
        run_id=job.run_id,
        step_key=job.step,
        parameters=job.parameters,
        project=job.project,
        action=job.action,
        job_id=job.job_id,
        attempt=job.attempt,
        delivery_id=job.job_id,
        dry_run=job.dry_run,
    )
