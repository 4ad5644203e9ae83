"""What was noted is kept until it is said. The broker of these tests is away; see tests/integration for the rest."""

from datetime import timedelta

import pytest

from libs.access import Access, UseAnnouncer
from libs.chassis.bus.producer import Producer
from libs.chassis.db.errors import Unavailable
from libs.chassis.http import Principal, Role
from tests.doubles.clock import FakeClock

HOLDER = Principal("key_1", Role.VIEWER, None)


async def test_uses_are_kept_while_the_broker_is_away_and_a_later_one_counts() -> None:
    clock = FakeClock()
    access = Access(clock)
    announcer = UseAnnouncer("audit", Producer("127.0.0.1:9", "test"), access, clock, timedelta(seconds=1))
    access.used(HOLDER)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await announcer.step()
        assert access.uses == {"key_1": clock.now()}
    clock.advance(1)
    access.used(HOLDER)
    with pytest.raises(Unavailable):
        await announcer.step()

    assert access.uses == {"key_1": clock.now()}


async def test_without_uses_nothing_is_said() -> None:
    clock, nobody = FakeClock(), Producer("127.0.0.1:9", "test")
    assert await UseAnnouncer("audit", nobody, Access(clock), clock, timedelta(seconds=1)).step() is False
