"""A run with the events that are just being decided folded in as soon as a later decision has to see them."""

from datetime import datetime

from libs.contracts.envelope import Event
from libs.contracts.events.engine import RunStarted
from libs.contracts.payload import Payload
from services.engine.domain.evolve import evolve
from services.engine.domain.run_state import RunState

SOURCE = "/mobius/engine"


class Draft:
    """`said` is what has been decided so far, `state` the run after it."""

    __slots__ = ("_folded", "_now", "_state", "said")

    def __init__(self, state: RunState, now: datetime) -> None:
        self.said: list[Payload] = []
        self._state = state
        self._folded = 0
        self._now = now

    @classmethod
    def of_start(cls, run_id: str, project: str, said: RunStarted, now: datetime) -> "Draft":
        draft = cls(evolve(None, _event(run_id, project, 1, now, said)), now)
        draft.said, draft._folded = [said], 1
        return draft

    @property
    def state(self) -> RunState:
        for payload in self.said[self._folded :]:
            facts, version = self._state.facts, self._state.version
            self._state = evolve(self._state, _event(facts.run_id, facts.project, version + 1, self._now, payload))
        self._folded = len(self.said)
        return self._state

    def say(self, payload: Payload) -> None:
        self.said.append(payload)


def _event(run_id: str, project: str, sequence: int, now: datetime, said: Payload) -> Event[Payload]:
    return Event(SOURCE, run_id, sequence, run_id, project, now, said)
