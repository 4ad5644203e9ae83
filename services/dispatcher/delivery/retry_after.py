"""The Retry-After header: seconds, or a moment."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_DIGITS = 10


def parse_retry_after(value: str | None, now: datetime, most: timedelta) -> timedelta | None:
    """The pause that an answer asks for, from nothing to `most`; None when it asks for none that can be read."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(most, timedelta(seconds=int(text[:_DIGITS])))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return min(most, max(timedelta(0), aware - now))
