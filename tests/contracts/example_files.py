"""The files of libs/contracts/examples: `<type>/v<N>.valid.<name>.json`, `<type>/v<N>.invalid.<reason>.<name>.json`."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from libs.contracts.codec import JsonObject, parse_json
from libs.contracts.generate import ROOT

EXAMPLES = ROOT / "libs/contracts/examples"


@dataclass(frozen=True)
class Example:
    """One file. `reason` is what the decoder must say; None for a valid one."""

    type: str
    version: int
    name: str
    reason: str | None
    path: Path

    @property
    def raw(self) -> bytes:
        return self.path.read_bytes()

    @property
    def document(self) -> JsonObject:
        document = parse_json(self.raw)
        assert isinstance(document, dict)
        return document

    def __str__(self) -> str:
        return f"{self.type}-{self.path.stem}"


@cache
def examples() -> tuple[Example, ...]:
    """Every example. Raises ValueError for a file whose name does not say what it is."""
    return tuple(_example(path) for path in sorted(EXAMPLES.rglob("*")) if path.is_file())


def _example(path: Path) -> Example:
    version, verdict, *rest = path.name.removesuffix(".json").split(".")
    if path.suffix != ".json" or verdict not in {"valid", "invalid"} or len(rest) < 1:
        raise ValueError(f"expected v<N>.valid.<name>.json or v<N>.invalid.<reason>.<name>.json, but got {path}")
    reason = rest.pop(0) if verdict == "invalid" else None
    return Example(path.parent.name, int(version.removeprefix("v")), ".".join(rest), reason, path)


VALID = tuple(example for example in examples() if example.reason is None)
INVALID = tuple(example for example in examples() if example.reason is not None)
