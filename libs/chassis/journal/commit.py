"""Commits events with what they change, and does not leave open whether that happened."""

from collections.abc import Sequence

from libs.chassis.db.errors import Conflict, OutcomeUnknown, Unavailable
from libs.chassis.db.link import Link
from libs.chassis.db.statement import Part, run
from libs.chassis.journal.entry import Entry
from libs.chassis.journal.store import QUERIES, append_parts


async def commit(link: Link, parts: Sequence[Part], appended: Sequence[Entry]) -> None:
    """One statement, all or nothing. Raises `Conflict` and `Unavailable`.

    A connection that breaks during the commit says nothing of its outcome. So the same is sent again: a conflict with
    ourselves is its success. Where that cannot be told either, `OutcomeUnknown`: nobody may say that it was refused.
    """
    whole = [*append_parts(appended), *parts]
    try:
        await run(link, whole)
    except OutcomeUnknown as broken:
        try:
            await _again(link, whole, appended)
        except Unavailable as error:
            raise OutcomeUnknown(f"{broken}, and then {error}") from error


async def _again(link: Link, whole: Sequence[Part], appended: Sequence[Entry]) -> None:
    try:
        await run(link, whole)
    except Conflict:
        if not await _appended(link, appended):
            raise


async def _appended(link: Link, appended: Sequence[Entry]) -> bool:
    row = await link.row(
        QUERIES["count_appended"],
        [entry.event.subject for entry in appended],
        [entry.event.sequence for entry in appended],
        [entry.raw for entry in appended],
    )
    return row is not None and row["found"] == len(appended)
