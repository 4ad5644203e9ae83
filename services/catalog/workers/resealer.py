"""The resealer: goes through everything that is kept under the master key, and leaves it under the active one.

Started by an administrator and not by a clock. It may be stopped at any time and started again: what is done is found
done. Meanwhile the services go on, because they open under every key that they have.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.catalog.store.resealing import Resealing
from services.catalog.store.sealed_columns import SEALED_COLUMNS, SealedColumn

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Resealed:
    """What is so at the end: places that do not open, and how many texts are under other keys all the same."""

    done: int
    refused: tuple[str, ...]
    left_over: int


class Resealer:
    """`tell` gets a sentence for a person after every batch."""

    def __init__(
        self,
        resealing: Resealing,
        tell: Callable[[str], None],
        *,
        columns: Sequence[SealedColumn] = SEALED_COLUMNS,
        at_once: int = AT_ONCE,
    ) -> None:
        self._resealing = resealing
        self._tell = tell
        self._columns = columns
        self._at_once = at_once

    async def run(self) -> Resealed:
        """Raises `Unavailable` when the database is away, or when others keep writing first."""
        done, refused, left_over = 0, list[str](), 0
        for column in self._columns:
            resealed, refusals = await self._column(column)
            done += resealed
            refused += refusals
            left_over += await self._resealing.left_over(column)
        return Resealed(done, tuple(refused), left_over)

    async def _column(self, column: SealedColumn) -> tuple[int, list[str]]:
        whole = await self._resealing.left_over(column)
        self._tell(f"{column.what}: {whole} to seal again")
        done, refused, after = 0, list[str](), ""
        while (batch := await self._resealing.batch(column, after, self._at_once)) is not None:
            done += batch.resealed
            refused += batch.refused
            after = batch.last
            self._tell(f"{column.what}: {done} of {max(whole, done)} sealed again")
        return done, refused
