"""W3C `traceparent`: the string that carries a trace from HTTP into events and out again."""

import os
import re
from typing import NamedTuple

_FORM = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_SAMPLED = 1


class TraceParent(NamedTuple):
    """Where a span hangs: its trace, its parent span, and whether the trace is recorded."""

    trace_id: int
    span_id: int
    sampled: bool

    def __str__(self) -> str:
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-{int(self.sampled):02x}"


def parse_traceparent(text: str | None) -> TraceParent | None:
    """None for no header and for a malformed one: a broken trace must not break a request."""
    match = _FORM.fullmatch(text) if text else None
    if match is None:
        return None
    return TraceParent(int(match[1], 16), int(match[2], 16), bool(int(match[3], 16) & _SAMPLED))


def new_traceparent(sampled: bool) -> str:
    """The beginning of a trace."""
    digits = os.urandom(24).hex()
    return f"00-{digits[:32]}-{digits[32:]}-{'01' if sampled else '00'}"


def is_sampled(text: str | None) -> bool:
    """Whether this trace is recorded, read from the text alone (flags are the last two digits of version 00)."""
    return text is not None and text[-1:] in "13579bdf" and parse_traceparent(text) is not None
