"""Tags: short names with values that people attach to things and find them by; and the filters that do the finding."""

from collections.abc import Mapping
from typing import Final, NamedTuple

TAGS: Final = 8
TAG_KEY_CHARACTERS: Final = 128
TAG_VALUE_CHARACTERS: Final = 256
RESERVED_PREFIX: Final = "mobius:"


class TagProblem(NamedTuple):
    """What is wrong with tags, and in which field."""

    field: str
    sentence: str


class TagFilter(NamedTuple):
    """A tag that something must have; without `choices` any value is fine, else they stand with commas."""

    key: str
    choices: str | None


def tag_problem(tags: Mapping[str, str]) -> TagProblem | None:
    """The first thing that is wrong with tags that a caller has set, if any is."""
    if len(tags) > TAGS:
        return TagProblem("tags", f"expected at most {TAGS} tags, but got {len(tags)}")
    for key, value in tags.items():
        if not 1 <= len(key) <= TAG_KEY_CHARACTERS:
            return TagProblem("tags", f"expected keys of 1 to {TAG_KEY_CHARACTERS} characters, but one has {len(key)}")
        if key.startswith(RESERVED_PREFIX):
            return TagProblem(f"tags.{key}", f"expected a key without the prefix {RESERVED_PREFIX}, but got {key!r}")
        if len(value) > TAG_VALUE_CHARACTERS:
            sentence = f"expected at most {TAG_VALUE_CHARACTERS} characters, but the value has {len(value)}"
            return TagProblem(f"tags.{key}", sentence)
    return None


def tag_filter(text: str) -> TagFilter | None:
    """`Key:Value`, `Key:*` for any value, `Key:a,b,c` for one of several; None for what is no filter."""
    key, colon, choices = text.partition(":")
    if not key or not colon or not choices or ":" in choices:
        return None
    return TagFilter(key, None if choices == "*" else choices)
