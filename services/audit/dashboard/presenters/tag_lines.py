"""Tags as people type them: a line for each, `key: value`."""

from collections.abc import Mapping
from typing import Final

from libs.chassis.decider import Rejected
from libs.contracts.codec import parse_own_json

FIELD: Final = "tags"


def read_tags(text: str) -> Mapping[str, str] | Rejected:
    """The tags of these lines; empty lines are none."""
    tags: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.split("\n"))):
        key, colon, value = line.partition(":")
        if not colon or not key.strip():
            return _refused(f"a line like team: billing for each tag, but got {line[:64]!r}")
        if key.strip() in tags:
            return _refused(f"each key once, but {key.strip()[:64]!r} is there twice")
        tags[key.strip()] = value.strip()
    return tags


def lines_of(tags: bytes) -> str:
    """The lines that stand for these tags (JSON)."""
    known = parse_own_json(tags)
    return "\n".join(f"{key}: {value}" for key, value in sorted(known.items())) if isinstance(known, dict) else ""


def _refused(rest: str) -> Rejected:
    return Rejected("invalid_argument", f"expected {rest}", FIELD)
