"""The lock of the published schemas: which of them are released, and as which bytes.

The schema files themselves are the record. One that is not released yet may change at will; a released one is there for
ever and changes only compatibly. The hash stands against edits by hand.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TypeAlias, cast

from pydantic import BaseModel, ConfigDict

from libs.contracts.codec import JsonObject, parse_own_json
from libs.contracts.compatibility import breaks


class Locked(BaseModel):
    """One schema version: the hex SHA-256 of its file, and whether a release of Mobius carried it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    released: bool = False


Lock: TypeAlias = Mapping[str, Locked]
Files: TypeAlias = Mapping[str, bytes]
"""Schema files by schema name, `<type>/v<version>`."""


def objections(lock: Lock, recorded: Files, generated: Files) -> list[str]:
    """Why `generated` may not take the place of `recorded`, one sentence each; none: it may."""
    released = {name: locked for name, locked in lock.items() if locked.released}
    return [line for name, locked in released.items() for line in _of(name, locked, recorded, generated)]


def next_lock(lock: Lock, generated: Files, release: bool = False) -> Lock:
    """The lock for `generated`; `release` makes every version in it one that stays."""
    return {
        name: Locked(sha256=digest(content), released=release or (name in lock and lock[name].released))
        for name, content in sorted(generated.items())
    }


def digest(content: bytes) -> str:
    """Hex SHA-256."""
    return sha256(content).hexdigest()


def _of(name: str, locked: Locked, recorded: Files, generated: Files) -> Iterator[str]:
    record = recorded.get(name)
    if record is None or digest(record) != locked.sha256:
        yield f"{name}: expected the schema file as it was released, but it was {'edited' if record else 'removed'}"
    elif name not in generated:
        yield f"{name}: expected a released version to stay, but no payload class has it any more"
    else:
        for found in breaks(_schema(record), _schema(generated[name])):
            yield f"{name}{found.pointer and ' at ' + found.pointer}: {found.sentence}; make it a new version"


def _schema(content: bytes) -> JsonObject:
    return cast(JsonObject, parse_own_json(content))
