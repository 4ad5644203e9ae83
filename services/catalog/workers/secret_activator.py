"""The secret activator: makes a new signing secret the active one as soon as the endpoint has accepted a probe of it.

What the endpoint answered is a fact that the dispatcher states; what follows from it is decided here, against the
secrets as they are. Several replicas may see the same fact: the first commit stands, the others find nothing to do.
"""

from collections.abc import Mapping

from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.journal.entry import Context
from libs.chassis.telemetry.logging import get_logger
from libs.contracts.events.dispatcher import SecretUseState
from services.catalog.domain.actions import action_key
from services.catalog.store.secrets import Secrets, Waiting

MOST_AT_ONCE = 100

log = get_logger(__name__)


def is_proof(state: SecretUseState) -> bool:
    """Whether the last probe was accepted."""
    return state.probe is not None and state.probe.status is not None and 200 <= state.probe.status < 300


class SecretActivator:
    """One step of the loop; answers whether there may be more. `uses` is the replica of what the dispatcher saw."""

    def __init__(self, secrets: Secrets, uses: Mapping[str, SecretUseState], clock: Clock) -> None:
        self._secrets = secrets
        self._uses = uses
        self._clock = clock

    async def step(self) -> bool:
        proven = [one for one in await self._secrets.waiting(MOST_AT_ONCE) if self._is_proven(one)]
        for one in proven:
            context = Context(service="catalog", project=one.project, now=self._clock.now(), actor="mobius")
            made = await self._secrets.activate(one, context)
            if not isinstance(made, Rejected):
                log.info("secret_activated", project=one.project, action=one.name, version=made.version)
        return len(proven) == MOST_AT_ONCE

    def _is_proven(self, waiting: Waiting) -> bool:
        use = self._uses.get(action_key(waiting.project, waiting.name))
        if use is None or use.probe is None or not is_proof(use):
            return False
        return (use.action_id, use.probe.version) == (waiting.action_id, waiting.version)
