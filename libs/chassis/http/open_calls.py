"""Calls that wait, long polls and streams: each is ended as soon as it would be turned away if it came now.

A key is looked at when a call comes in; one that then waits for minutes must not outlive its key. So the calls that
wait are known by what they were admitted with, and whenever an answer of the authenticator may have changed, all are
asked for once more. Calls of one key to one project share the question.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

from libs.chassis.decider import Rejected
from libs.chassis.http.authentication import Authentication
from libs.chassis.http.principal import Authenticator, Role
from libs.chassis.loops.signals import Signal
from libs.chassis.telemetry.logging import get_logger

LOOK_SECONDS: Final = 0.5
"""Between two looks at whether anything has changed."""

log = get_logger(__name__)


class Ending(Signal):
    """Set when a call may not go on; `refusal` is then what it is to be answered."""

    def __init__(self) -> None:
        super().__init__()
        self.refusal: Rejected | None = None

    def end(self, refusal: Rejected) -> None:
        self.refusal = refusal
        self.set()


NEVER: Final = Ending()
"""The ending of calls that do not wait."""


class Ticket(NamedTuple):
    """What a call was admitted with: the Authorization header, the project, the role that its route asks for."""

    header: str | None
    project: str | None
    role: Role


class OpenCalls:
    """`enter` before the call is admitted, so that no change falls between; then `leave`."""

    def __init__(
        self, authentication: Authentication, authenticator: Authenticator, away: tuple[type[Exception], ...]
    ) -> None:
        self._authentication = authentication
        self._authenticator = authenticator
        self._away = away
        self._open: dict[Ticket, set[Ending]] = {}
        self._version = authenticator.version

    def enter(self, ticket: Ticket) -> Ending:
        """What ends the call, should that be."""
        ending = Ending()
        self._open.setdefault(ticket, set()).add(ending)
        return ending

    def leave(self, ticket: Ticket, ending: Ending) -> None:
        same = self._open[ticket]
        same.discard(ending)
        if not same:
            del self._open[ticket]

    async def look(self) -> None:
        """Ends the calls that would be turned away now, if anything has changed since the last look."""
        version = self._authenticator.version
        if version == self._version:
            return
        asked = await asyncio.gather(*map(self._ask, tuple(self._open)), return_exceptions=True)
        failed = [one for one in asked if isinstance(one, Exception)]
        if failed:
            raise failed[0]
        self._version = version

    async def _ask(self, ticket: Ticket) -> None:
        """All ask at once: who has to look for a key shares that with all others, and holds up nobody's end."""
        answer = await self._authentication.admit(*ticket)
        if isinstance(answer, Rejected):
            _end(tuple(self._open.get(ticket, ())), answer)

    async def keep_looking(self) -> None:
        """For as long as the process runs. What cannot be told now is asked again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except self._away as error:
                log.warning("open_calls_not_looked_at", error=f"{type(error).__name__}: {error}")


def _end(endings: Sequence[Ending], refusal: Rejected) -> None:
    for ending in endings:
        ending.end(refusal)
