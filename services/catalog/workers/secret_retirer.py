"""The secret retirer: takes away signing secrets whose grace period is over, from their rows and from what is said.

They sign nothing from that moment on, whether it has come by or not: who signs looks at the clock. This is so that a
secret that was replaced does not lie about, sealed, until the next rotation.
"""

from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.journal.entry import Context
from libs.chassis.telemetry.logging import get_logger
from services.catalog.store.secrets import Secrets

MOST_AT_ONCE = 100

log = get_logger(__name__)


class SecretRetirer:
    """One step of the loop; answers whether there may be more."""

    def __init__(self, secrets: Secrets, clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock

    async def step(self) -> bool:
        now = self._clock.now()
        over = await self._secrets.over(now, MOST_AT_ONCE)
        for project, name in over:
            context = Context(service="catalog", project=project, now=now, actor="mobius")
            left = await self._secrets.retire(name, context)
            if not isinstance(left, Rejected):
                log.info("secrets_retired", project=project, action=name, left=[one.version for one in left.secrets])
        return len(over) == MOST_AT_ONCE
