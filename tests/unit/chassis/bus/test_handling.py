"""A handler that hangs has failed, unless the database is what it waits for."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import cast

import pytest

from libs.chassis.bus.batch import Effects, Heard
from libs.chassis.bus.handling import HandlerHung, Handling
from libs.chassis.db.errors import Unavailable
from libs.chassis.db.link import Link, Row


class Database:
    def __init__(self, away: bool) -> None:
        self._away = away

    async def rows(self, _sql: str, *_args: object) -> list[Row]:
        if self._away:
            raise Unavailable("away")
        return []


async def hang(_heard: Sequence[Heard]) -> Effects:
    await asyncio.Event().wait()
    raise AssertionError


async def time_out(_heard: Sequence[Heard]) -> Effects:
    raise TimeoutError("of its own")


@pytest.mark.parametrize(("away", "error"), [(False, HandlerHung), (True, Unavailable)])
async def test_a_handler_that_hangs_has_failed_unless_the_database_is_away(away: bool, error: type[Exception]) -> None:
    handling = Handling(hang, cast(Link, Database(away)), timedelta(milliseconds=5))
    with pytest.raises(error):
        async with asyncio.timeout(5):
            await handling([])


async def test_a_timeout_of_the_handlers_own_is_a_failure_like_any_other() -> None:
    handling = Handling(time_out, cast(Link, Database(away=True)), timedelta(seconds=10))
    with pytest.raises(TimeoutError, match="of its own"):
        await handling([])
