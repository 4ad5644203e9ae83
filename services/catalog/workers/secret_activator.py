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
        self._after = ""

    async def step(self) -> bool:
        """Looks at the next page: secrets whose proof never comes hold up no other."""
        page = await self._secrets.waiting(self._after, MOST_AT_ONCE)
        more = len(page) == MOST_AT_ONCE
        for one in filter(self._is_proven, page):
            context = Context(service="catalog", project=one.project, now=self._clock.now(), actor="mobius")
            made = await self._secrets.activate(one, context)
            if not isinstance(made, Rejected):
                log.info("secret_activated", project=one.project, action=one.name, version=made.version)
        self._after = page[-1].action_id if more else ""
        return more

    def _is_proven(self, waiting: Waiting) -> bool:
        use = self._uses.get(action_key(waiting.project, waiting.name))
        if use is None or use.probe is None or not is_proof(use):
            return False
        asked_there = use.probe.endpoint_url in (None, waiting.endpoint_url)
        return asked_there and (use.action_id, use.probe.version) == (waiting.action_id, waiting.version)
