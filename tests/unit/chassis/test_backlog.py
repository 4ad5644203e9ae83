"""The estimate of what waits to be published, and the room that it leaves."""

import pytest

from libs.chassis.db.errors import Overloaded
from libs.chassis.outbox.backlog import Backlog


def test_a_full_backlog_refuses_until_something_is_published() -> None:
    backlog = Backlog(most=3)
    backlog.added(2)
    backlog.ensure_room()
    backlog.added(2)
    with pytest.raises(Overloaded, match="fewer than 3 events"):
        backlog.ensure_room()
    assert not backlog.room.is_set()
    backlog.published(2)
    backlog.ensure_room()
    assert backlog.room.is_set()


def test_a_count_corrects_the_estimate() -> None:
    backlog = Backlog(most=3)
    backlog.added(2)  # another replica publishes them
    backlog.counted(0)
    backlog.published(1)  # which the count has left out already
    assert backlog.events == 0
    backlog.counted(3)
    assert backlog.is_full
