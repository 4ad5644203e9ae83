"""What is run: short workflows of every kind of step, drawn by a seeded generator."""

import random
from typing import Any

from tests.chaos.parts.worker import ACTION as WORK

TELL = "chaos-tell"
"""Has an endpoint and is idempotent: repeated when its outcome is unknown."""
ONCE = "chaos-once"
"""Has an endpoint and promises nothing: never repeated blindly."""
ACTIONS: dict[str, dict[str, Any]] = {
    WORK: {"annotations": {"idempotent": True}},
    TELL: {"annotations": {"idempotent": True}},
    ONCE: {},
}
_SLACK = {
    "action": "slack.post-message",
    "action_kind": "server",
    "parameters": {"channel": "#ops", "text": "run ${inputs.n}"},
}


class Workflows:
    """`draw()` answers with the body of a request that starts a run; `n` names it in every diary."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._drawn = 0

    def draw(self) -> dict[str, Any]:
        self._drawn += 1
        n = f"run-{self._drawn}"
        spec = self._rng.choice([self._chain, self._fan, self._notice, self._once, self._direct])()
        return {"mode": "inline", "external_id": n, "inputs": {"n": n}, "spec": spec}

    def _chain(self) -> dict[str, Any]:
        return _in_line("chain", self._step("first", WORK), self._step("second", TELL), self._step("third", WORK))

    def _fan(self) -> dict[str, Any]:
        first = self._step("first", WORK)
        first["next"] = [{"step": "left", "branch": "left"}, {"step": "right", "branch": "right"}]
        return {
            "name": "fan",
            "steps": [first, self._step("left", TELL) | {"next": []}, self._step("right", WORK) | {"next": []}],
        }

    def _notice(self) -> dict[str, Any]:
        return _in_line("notice", self._step("first", TELL), {"name": "notify", **_SLACK})

    def _once(self) -> dict[str, Any]:
        return _in_line("once", self._step("first", ONCE), self._step("second", WORK))

    def _direct(self) -> dict[str, Any]:
        return _in_line("direct", self._step("first", TELL) | {"action_kind": "server"}, self._step("second", WORK))

    def _step(self, name: str, action: str) -> dict[str, Any]:
        """Mostly a second or so; some longer than a lease, so that only heartbeats keep them; a few fail."""
        ms = 6_000 if self._rng.random() < 0.03 else self._rng.randint(100, 2_500)
        fails = action == WORK and self._rng.random() < 0.03
        return {"name": name, "action": action, "parameters": {"n": "${inputs.n}", "ms": ms, "fails": fails}}


def _in_line(name: str, *steps: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "steps": list(steps)}
