"""Pages of lists: where one goes on, and how it is answered."""

from collections.abc import Sequence
from typing import TypeVar

from libs.chassis.decider import Rejected
from libs.chassis.http import Page, decode_cursor, encode_cursor
from libs.contracts.codec import Json, JsonObject

Item = TypeVar("Item")


def after_id(page: Page) -> str | Rejected | None:
    """The id that the page before ended with; None for the first page."""
    if page.cursor is None:
        return None
    position = decode_cursor(page.cursor, [str])
    return position if isinstance(position, Rejected) else str(position[0])


def cut(found: Sequence[Item], limit: int) -> tuple[Sequence[Item], bool]:
    """The page out of one item more than it may hold, and whether there are more."""
    return found[:limit], len(found) > limit


def page_view(items: list[Json], more: bool, last: str | int | None) -> JsonObject:
    """The wire's list; `last` is the position of the last item."""
    view: JsonObject = {"items": items, "has_more": more}
    if more and last is not None:
        view["next_cursor"] = encode_cursor(last)
    return view
