"""Carries out one invocation to its end: builds what is sent, tries, and tries again where the annotations allow it."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import structlog

from libs.chassis.db.errors import Unavailable
from libs.chassis.failpoints import reached
from libs.chassis.sealing import CannotOpen
from libs.chassis.telemetry import tracing
from libs.contracts.codec import JsonObject, parse_json
from services.dispatcher.delivery.classification import judge, repeatable
from services.dispatcher.delivery.envelope import Invocation, encode_body
from services.dispatcher.delivery.integrations.connections import Connections
from services.dispatcher.delivery.integrations.port import Integration, InvocationContext
from services.dispatcher.delivery.integrations.registry import BoundAction, IntegrationRegistry
from services.dispatcher.delivery.outcome import Delivery
from services.dispatcher.delivery.retry_pace import RetryPace
from services.dispatcher.delivery.sender import Sender
from services.dispatcher.delivery.verdict import Failure, Success, Verdict
from services.dispatcher.domain.jobs import Job
from services.dispatcher.store.actions import ActionBook, Endpoint
from services.dispatcher.store.connections import Connection
from services.dispatcher.store.secret_uses import SecretUses

LOOK_AGAIN = timedelta(seconds=1)

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
        actions: ActionBook,
        sender: Sender,
        integrations: IntegrationRegistry,
        connections: Connections,
        pace: RetryPace,
        uses: SecretUses,
    ) -> None:
        self._actions = actions
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
        try:
            endpoint = self._actions.endpoint(job.project, job.action)
        except CannotOpen as error:
            sentence = f"expected signing secrets that this installation can open, but one cannot be used: {error}"
            return _gone(sentence, "secret_not_opened")
        if endpoint is None:
            sentence = f"expected an action called {job.action}, but the project has none any more"
            return _gone(sentence, "action_gone")
        return await self._post(endpoint, job, headers)

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
        connection = await self._connection(job, bound.integration)
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

    async def _connection(self, job: Job, integration: Integration) -> Connection | Failure:
        """Waits while the broker is away: nobody's step fails for that."""
        while True:
            try:
                return await self._connections.of(job.project, integration)
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


def _gone(sentence: str, cause: str) -> Failure:
    return Failure("fatal_error", sentence, retryable=False, certain=True, details={"cause": cause})
