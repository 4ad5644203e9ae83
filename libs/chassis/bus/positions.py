"""The consumer's place, kept in the database beside the effects of what was consumed."""

from collections.abc import Mapping

from libs.chassis.db.link import Link
from libs.chassis.db.queries import load_queries
from libs.chassis.db.statement import Part
from libs.chassis.failpoints import reached

QUERIES = load_queries(__package__)

Place = tuple[str, int]
"""Topic and partition."""


async def read_positions(link: Link) -> dict[Place, int]:
    """The next offset of every partition seen so far."""
    return {(row["topic"], row["partition"]): row["next_offset"] for row in await link.rows(QUERIES["read_positions"])}


async def seed_position(link: Link, place: Place, offset: int) -> None:
    """Remembers where a partition begins, unless it is known already."""
    await link.rows(QUERIES["seed_position"], *place, offset)
    assert reached("position_seeded")


def advance_part(old: Mapping[Place, int], new: Mapping[Place, int]) -> Part:
    """The part that moves positions from `old` to `new`; every one of them must still be at `old`."""
    places = list(new)
    args = (
        [topic for topic, _ in places],
        [partition for _, partition in places],
        [old[place] for place in places],
        [new[place] for place in places],
    )
    return Part("advanced", QUERIES["advance_positions"], args, expect=len(places))
