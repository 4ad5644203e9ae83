"""A run with the events that are just being decided already folded in, so that the next decision sees them."""

from datetime import datetime

from libs.contracts.envelope import Event
from libs.contracts.events.engine import RunStarted
from libs.contracts.payload import Payload
from services.engine.domain.evolve import evolve
from services.engine.domain.run_state import RunState

SOURCE = "/mobius/engine"


class Draft:
    """`said` is what has been decided so far, `state` the run after it."""

    __slots__ = ("_now", "said", "state")

    def __init__(self, state: RunState, now: datetime, said: list[Payload] | None = None) -> None:
        self.state = state
        self.said = said or []
        self._now = now

    @classmethod
    def of_start(cls, run_id: str, project: str, said: RunStarted, now: datetime) -> "Draft":
        return cls(evolve(None, _event(run_id, project, 1, now, said)), now, [said])

    def say(self, payload: Payload) -> None:
        facts = self.state.facts
        self.said.append(payload)
        self.state = evolve(self.state, _event(facts.run_id, facts.project, self.state.version + 1, self._now, payload))


def _event(run_id: str, project: str, sequence: int, now: datetime, said: Payload) -> Event[Payload]:
    return Event(SOURCE, run_id, sequence, run_id, project, now, said)
