"""What a benchmark is: a measurement that every round repeats, and the rows that its samples become."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.limits import LIMITS
from tests.benchmarks.rows import Row
from tests.benchmarks.stage import Stage

Samples = Mapping[str, Sequence[float]]
"""One value for each round, by the name that the measurement gave it."""


@dataclass(slots=True)
class Round:
    """One pass over all themes. `scale` makes every measurement larger or smaller."""

    stage: Stage
    scale: float
    tell: Callable[[str], None]
    limits: dict[str, float] = field(default_factory=dict)

    async def limit(self, name: str) -> float:
        """A raw limit of `LIMITS`, measured once in each round: by whom it is first compared with."""
        if name not in self.limits:
            self.limits[name] = await LIMITS[name].measure(self.stage, self.scale)
        return self.limits[name]

    def sized(self, number: int) -> int:
        """A number of repetitions, scaled."""
        return max(1, round(number * self.scale))


@dataclass(frozen=True, slots=True)
class Theme:
    """`measure` answers with samples by name; `rows` puts those of all rounds into the table. `once`: what takes long
    to set up is measured in the first round only, ours and raw beside each other as ever."""

    name: str
    measure: Callable[[Round], Awaitable[Mapping[str, float]]]
    rows: Callable[[Samples], Sequence[Row]]
    once: bool = False
