"""A service's real handler, which a test can make raise or hang at certain records."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from libs.chassis.bus.batch import Effects, Heard
from libs.chassis.bus.handling import Handler
from libs.chassis.db.errors import Unavailable

Name = tuple[str, int]
"""Stream and sequence."""


class Troubled:
    """`took_effect`: what was committed, in its order. `tries`: how often a record was handed over.

    `away`: how often something that it needs will be away at a record.
    """

    def __init__(self, handle: Handler) -> None:
        self._handle = handle
        self.raising: set[Name] = set()
        self.hanging: set[Name] = set()
        self.away: Counter[Name] = Counter()
        self.tries: Counter[Name] = Counter()
        self.took_effect: list[Name] = []

    async def __call__(self, heard: Sequence[Heard]) -> Effects:
        names = [(item.event.subject, item.event.sequence) for item in heard]
        self.tries.update(names)
        if self.raising.intersection(names):
            raise RuntimeError("a bug in the handler")
        for name in names:
            if self.away[name] > 0:
                self.away[name] -= 1
                raise Unavailable("what it needs is away")
        if self.hanging.intersection(names):
            await asyncio.Event().wait()
        effects = await self._handle(heard)

        def committed() -> None:
            effects.committed()
            self.took_effect.extend(names)

        return replace(effects, committed=committed)

    def heard_of(self, stream: str) -> list[int]:
        """The sequences of a stream that took effect, in order."""
        return [sequence for name, sequence in self.took_effect if name == stream]
