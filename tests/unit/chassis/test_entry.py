"""An event is as large as its topic takes it, or it is not written at all."""

import pytest

from libs.chassis.journal.entry import Context, entry
from libs.contracts.events.engine import RunCompleted
from libs.contracts.topics import topic_for
from tests.doubles.clock import NOON

CONTEXT = Context(service="engine", project="default", now=NOON)
MOST = topic_for("engine", RunCompleted.type).max_message_bytes


def completed(size: int) -> RunCompleted:
    return RunCompleted(outputs={"text": "x" * size})


def test_an_event_that_its_topic_would_not_take_is_refused() -> None:
    with pytest.raises(ValueError, match=f"expected an event of at most {MOST} bytes"):
        entry(CONTEXT, "run_1", 1, "run_1", completed(MOST))


def test_a_large_event_that_its_topic_takes_is_placed() -> None:
    placed = entry(CONTEXT, "run_1", 1, "run_1", completed(MOST // 2))
    assert MOST // 2 < len(placed.raw) < MOST
