"""The secret use announcer: says which signing secrets endpoints have accepted, at most once a minute each."""

from functools import partial

from libs.chassis.db.errors import Unavailable
from services.dispatcher.domain.secret_use import with_acceptance
from services.dispatcher.store.secret_uses import SecretUses, SecretUseStates

MOST_AT_ONCE = 100


class SecretUseAnnouncer:
    """One step of the loop; answers whether there may be more."""

    def __init__(self, uses: SecretUses, states: SecretUseStates) -> None:
        self._uses = uses
        self._states = states

    async def step(self) -> bool:
        taken = self._uses.take(MOST_AT_ONCE)
        if not taken:
            return False
        try:
            await self._states.change({key: partial(with_acceptance, seen) for key, seen in taken.items()})
        except Unavailable:
            self._uses.put_back(taken)
            raise
        return len(taken) == MOST_AT_ONCE
