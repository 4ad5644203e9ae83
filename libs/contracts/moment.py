"""The type of a moment inside a payload: RFC 3339 in UTC on the wire, an aware `datetime` in UTC in the code.

Pydantic's own reading takes numbers, dates without a time and times without a zone. Here they are refused: what a
writer in another language means by them is anybody's guess.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BeforeValidator, WithJsonSchema

MOMENT_PATTERN: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z$"
_MOMENT = re.compile(MOMENT_PATTERN)


def _read(value: object) -> datetime:
    """Digits past the microseconds are cut. Raises ValueError, which pydantic turns into its own error."""
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return datetime.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    raise ValueError("expected a moment like 2030-01-31T09:30:00.000001Z, but it is none")


Moment = Annotated[
    datetime,
    BeforeValidator(_read),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": MOMENT_PATTERN}),
]
