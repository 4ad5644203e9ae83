"""Parked streams and the records that are kept for them, and the parts of statements that write both."""

from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from libs.chassis.bus.batch import Heard, Record
from libs.chassis.bus.positions import Place
from libs.chassis.db.link import Link, Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.statement import Part
from libs.contracts.codec import dump_json, parse_own_json

QUERIES = load_queries(__package__)
MOST_ERROR_CHARACTERS = 2_000

ParkedFor = Literal["handler_failed", "sequence_gap"]
Wanted = Literal["go_on", "resume"]
"""`go_on`: in order, as far as there is no gap. `resume`: somebody accepts what is missing before the first."""


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked stream. `done` is the last sequence that took effect or was given up; `version` fences changes."""

    id: str
    place: Place
    stream: str
    reason: ParkedFor
    error: str
    done: int
    version: int = 1
    wanted: Wanted | None = None
    discard_offset: int | None = None
    asked_by: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A record of a parked stream."""

    stream: str
    sequence: int
    record: Record
    dead_lettered: bool = False

    @classmethod
    def of(cls, item: Heard, *, dead_lettered: bool = False) -> "Kept":
        return cls(item.event.subject, item.event.sequence, item.record, dead_lettered)


def park_part(parked: Sequence[Parked]) -> Part:
    """Parks streams that were not parked before."""
    args = (
        [one.place[0] for one in parked],
        [one.place[1] for one in parked],
        [one.stream for one in parked],
        [one.id for one in parked],
        [one.reason for one in parked],
        [storable(one.error) for one in parked],
        [one.done for one in parked],
        [one.wanted for one in parked],
    )
    return Part("parked", QUERIES["park_streams"], args)


def touch_part(parked: Sequence[Parked]) -> Part:
    """Streams that were parked before, as they are after a record was kept for each."""
    args = ([one.id for one in parked], [one.version - 1 for one in parked], [one.wanted for one in parked])
    return Part("touched", QUERIES["touch_parked"], args, expect=len(parked))


def keep_part(kept: Sequence[Kept]) -> Part:
    """Keeps records of parked streams."""
    args = (
        [one.record.topic for one in kept],
        [one.record.partition for one in kept],
        [one.stream for one in kept],
        [one.sequence for one in kept],
        [one.record.offset for one in kept],
        [one.record.timestamp_ms for one in kept],
        [one.record.key for one in kept],
        [one.record.value for one in kept],
        [_packed(one.record.headers) for one in kept],
        [one.dead_lettered for one in kept],
    )
    return Part("kept", QUERIES["keep_records"], args)


async def read_parked(link: Link, places: Collection[Place]) -> list[Parked]:
    """The parked streams of these partitions."""
    return [parked_of(row) for row in await link.rows(QUERIES["read_parked"], *_columns(places))]


async def read_wanted(link: Link, places: Collection[Place]) -> list[Parked]:
    """Those among them that are to go on."""
    return [parked_of(row) for row in await link.rows(QUERIES["read_wanted"], *_columns(places))]


async def read_kept(link: Link, parked: Parked, most: int) -> list[Kept]:
    """The first records that wait in a parked stream, in the order of their sequences."""
    return [_kept(row) for row in await link.rows(QUERIES["read_kept"], *parked.place, parked.stream, most)]


def parked_of(row: Row) -> Parked:
    """A row of `parked_streams`."""
    return Parked(
        id=row["id"],
        place=(row["topic"], row["partition"]),
        stream=row["stream"],
        reason=row["reason"],
        error=row["error"],
        done=row["done_sequence"],
        version=row["version"],
        wanted=row["wanted"],
        discard_offset=row["discard_offset"],
        asked_by=row["asked_by"],
    )


def storable(text: str) -> str:
    """Text as PostgreSQL can hold it, and not too much of it: an error may quote the record that it is about."""
    return text[:MOST_ERROR_CHARACTERS].encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def by_place(parked: Sequence[Parked]) -> Mapping[Place, dict[str, Parked]]:
    """Parked streams by partition and name."""
    found: dict[Place, dict[str, Parked]] = {}
    for one in parked:
        found.setdefault(one.place, {})[one.stream] = one
    return found


def _kept(row: Row) -> Kept:
    record = Record(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["record_offset"],
        timestamp_ms=row["timestamp_ms"],
        key=row["key"],
        value=row["value"],
        headers=_unpacked(row["headers"]),
    )
    return Kept(row["stream"], row["sequence"], record, row["dead_lettered"])


def _columns(places: Collection[Place]) -> tuple[list[str], list[int]]:
    return [topic for topic, _ in places], [partition for _, partition in places]


def _packed(headers: Sequence[tuple[str | bytes, bytes]]) -> bytes:
    """Headers in JSON, names and values in base64: either may be any bytes."""
    return dump_json([[_b64(name_bytes(name)), _b64(value or b"")] for name, value in headers])


def _unpacked(packed: bytes) -> list[tuple[str | bytes, bytes]]:
    pairs = cast(list[list[str]], parse_own_json(packed))
    return [(b64decode(pair[0]), b64decode(pair[1])) for pair in pairs]


def name_bytes(name: str | bytes) -> bytes:
    """A header's name as it lies on the topic."""
    return name if isinstance(name, bytes) else name.encode("utf-8", "surrogateescape")


def _b64(raw: bytes) -> str:
    return b64encode(raw).decode()
