"""Parts become one statement with their parameters renumbered."""

from typing import cast

from libs.chassis.db.link import Link, Row
from libs.chassis.db.statement import Part, run


class Recording:
    """A link that keeps what it is asked to run."""

    def __init__(self) -> None:
        self.sql = ""
        self.args: tuple[object, ...] = ()

    async def rows(self, sql: str, *args: object) -> list[Row]:
        self.sql, self.args = sql, args
        return []


async def test_parameters_are_renumbered_in_the_order_of_the_parts() -> None:
    link = Recording()
    parts = [Part("a", "INSERT $1, $2", (1, 2)), Part("b", "UPDATE $1 WHERE $10 = $2", tuple(range(10)))]
    await run(cast(Link, link), parts)
    assert "a AS (\nINSERT $1, $2\n)" in link.sql
    assert "b AS (\nUPDATE $3 WHERE $12 = $4\n)" in link.sql
    assert link.args == (1, 2, *range(10))


async def test_an_expectation_becomes_a_check_with_its_own_parameter() -> None:
    link = Recording()
    await run(cast(Link, link), [Part("a", "X $1", ("x",), expect=3), Part("b", "Y $1", ("y",), expect=0)])
    assert "expect_rows('a', $3::bigint, (SELECT count(*) FROM a))" in link.sql
    assert "expect_rows('b', $4::bigint, (SELECT count(*) FROM b))" in link.sql
    assert link.args == ("x", "y", 3, 0)
