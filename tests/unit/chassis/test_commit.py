"""A commit that broke, and could not be looked after, is not called refused."""

from collections.abc import Sequence
from typing import cast

import pytest

from libs.chassis.db.errors import OutcomeUnknown, Unavailable
from libs.chassis.db.link import Link, Row
from libs.chassis.journal.commit import commit


class Breaking:
    """A link that raises one after the other."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)

    async def rows(self, _sql: str, *_args: object) -> Sequence[Row]:
        if self._errors:
            raise self._errors.pop(0)
        return []


async def test_a_second_try_that_finds_nobody_leaves_the_outcome_open() -> None:
    link = Breaking(OutcomeUnknown("cut"), Unavailable("away"))
    with pytest.raises(OutcomeUnknown, match="cut, and then away"):
        await commit(cast(Link, link), [], [])


async def test_a_statement_that_never_began_is_refused() -> None:
    with pytest.raises(Unavailable) as caught:
        await commit(cast(Link, Breaking(Unavailable("away"))), [], [])
    assert not isinstance(caught.value, OutcomeUnknown)
