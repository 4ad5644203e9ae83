"""The `tag` parameters of a list: several must all hold."""

from collections.abc import Sequence

from libs.chassis.decider import Rejected
from libs.contracts.tags import TagFilter, tag_filter


def tag_filters(texts: Sequence[str]) -> list[TagFilter] | Rejected:
    """All of them, or what is wrong with the first that cannot be read."""
    filters: list[TagFilter] = []
    for index, text in enumerate(texts):
        read = tag_filter(text)
        if read is None:
            sentence = f"expected Key:Value, Key:* or Key:a,b,c, but got {text[:64]!r}"
            return Rejected("invalid_argument", sentence, field=f"tag[{index}]")
        filters.append(read)
    return filters
