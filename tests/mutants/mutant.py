"""One guard taken away: the smallest edit that does it, and the tests that have to fail then."""

from dataclasses import dataclass
from pathlib import Path

WITHOUT_SERVERS = ("tests/unit/", "tests/contracts/", "tests/architecture/", "tests/integration/delivery/")


@dataclass(frozen=True)
class Mutant:
    """`danger` is what happens without the guard. `old` stands once in the file and becomes `new`. Each of `killers`,
    node ids of pytest, has to fail; where one has no parameters in its name, some case of it."""

    name: str
    danger: str
    path: str
    old: str
    new: str
    killers: tuple[str, ...]

    @property
    def needs_servers(self) -> bool:
        return not all(killer.startswith(WITHOUT_SERVERS) for killer in self.killers)

    def of(self, source: str) -> str:
        """The file without the guard."""
        found = source.count(self.old)
        if found != 1:
            raise ValueError(f"{self.name}: expected its text once in {self.path}, but it is there {found} times")
        return source.replace(self.old, self.new)

    def line(self, root: Path) -> int:
        """Where the guard stands."""
        return (root / self.path).read_text().partition(self.old)[0].count("\n") + 1
