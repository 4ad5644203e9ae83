"""One operation's right request, with places for what has to exist before."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from libs.contracts.codec import Json, dump_json

if TYPE_CHECKING:
    from tests.e2e.operations.ground import Ground

Places = Mapping[str, str]
"""What the `{names}` in rows stand for: ids that exist."""
Prepare = Callable[["Ground"], Awaitable[Places]]

NOT_TRIED = frozenset({"new", "served", "held"})
"""Places that are names, not ids: the matrix does not try those of another project."""
PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Row:
    """`{name}` in `path`, `query` and `body` stands for an id of something that exists (`Ground.places`) or that
    `prepare` makes anew for every request, because the operation uses it up.

    `path` fills the parameters of the operation's path; `{project}` is always the ground's. `status` is what a right
    request is answered. `foreign` is what somebody of another project is answered who names these ids: the same, to the
    byte, as for ids that do not exist; `foreign_body` where that is another status for the ids of the body.

    Of an operation that is below no project: `key` is whose key asks rightly, and `bound` is what the key of another
    project is answered.

    `in_archive`: it changes something and is no worker's, and yet it is answered as ever in an archived project.
    """

    status: int = 200
    path: Places = field(default_factory=dict)
    query: str = ""
    body: Json = None
    prepare: Prepare | None = None
    foreign: int = 404
    foreign_body: int | None = None
    key: Literal["installation", "project"] = "installation"
    bound: int = 403
    in_archive: bool = False

    def foreign_in(self, where: str) -> int:
        """What a foreign id is answered in the `path`, the `query` or the `body`."""
        return self.foreign_body if where == "body" and self.foreign_body is not None else self.foreign


@dataclass(frozen=True)
class Asked:
    """A request that is ready to be sent."""

    method: str
    path: str
    body: bytes | None


def asked(method: str, path: str, row: Row, places: Places) -> Asked:
    """The request of a row for an operation's path, with these places filled in."""
    whole = PLACE.sub(lambda found: filled(row.path.get(found[1], found[0]), places), path)
    query = f"?{filled(row.query, places)}" if row.query else ""
    body = None if row.body is None else dump_json(_filled(row.body, places))
    return Asked(method, whole + query, body)


def filled(text: str, places: Places) -> str:
    """Raises `KeyError` for a place that nobody made."""
    return PLACE.sub(lambda found: places[found[1]], text)


def ids_of(row: Row) -> Mapping[str, frozenset[str]]:
    """The places that a row names, by where: `path`, `query`, `body`."""
    body = "" if row.body is None else dump_json(row.body).decode()
    texts = {"path": " ".join(row.path.values()), "query": row.query, "body": body}
    return {where: frozenset(PLACE.findall(text)) - NOT_TRIED for where, text in texts.items()}


def unknown(identifier: str) -> str:
    """An id of the same form that nothing has."""
    prefix, underscore, rest = identifier.partition("_")
    return f"{prefix}_{'0' * len(rest)}" if underscore else "never-was"


def _filled(node: Json, places: Places) -> Json:
    if isinstance(node, str):
        return filled(node, places)
    if isinstance(node, list):
        return [_filled(one, places) for one in node]
    return {name: _filled(value, places) for name, value in node.items()} if isinstance(node, dict) else node
