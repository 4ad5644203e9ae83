"""The grammar of tag filters: `Key:Value`, `Key:*` for any value, `Key:a,b,c` for one of several."""

from collections.abc import Sequence

from libs.chassis.decider import Rejected
from services.engine.store.workflow_rows import TagFilter


def tag_filters(texts: Sequence[str]) -> list[TagFilter] | Rejected:
    """All of them, or what is wrong with the first that cannot be read."""
    filters: list[TagFilter] = []
    for index, text in enumerate(texts):
        key, colon, choices = text.partition(":")
        if not key or not colon or not choices or ":" in choices:
            sentence = f"expected Key:Value, Key:* or Key:a,b,c, but got {text[:64]!r}"
            return Rejected("invalid_argument", sentence, field=f"tag[{index}]")
        filters.append(TagFilter(key, None if choices == "*" else choices))
    return filters
