"""Group commit: requests queue while a transaction is in flight, then one statement serves them all.

There is no fixed linger: a lone request is served at once, and the batch grows by itself under load.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from libs.chassis.loops.background import background

Request = TypeVar("Request")
Answer = TypeVar("Answer")

Serve = Callable[[Sequence[Request]], Awaitable[Sequence[Answer | Exception]]]


class Overloaded(Exception):
    """The queue in front of the database is full. Nothing was written; try again later."""


class GroupCommit(Generic[Request, Answer]):
    """Component. `serve` gets what is queued and answers each request in order, with a value or an exception.

    An exception that `serve` raises goes to every request of that batch.
    """

    def __init__(
        self, name: str, serve: Serve[Request, Answer], *, most: int = 500, most_waiting: int = 10_000
    ) -> None:
        self._name = name
        self._serve = serve
        self._most = most
        self._most_waiting = most_waiting
        self._queue: list[tuple[Request, asyncio.Future[Answer]]] = []
        self._served: Sequence[tuple[Request, asyncio.Future[Answer]]] = ()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = background(self._run(), f"group-commit-{self._name}")

    async def stop(self) -> None:
        """Serves what is queued and ends what is being served, then ends."""
        waiting = [future for _, future in (*self._served, *self._queue) if not future.done()]
        if waiting and self._task is not None and not self._task.done():
            await asyncio.wait(waiting)
        if self._task is not None:
            self._task.cancel()

    def ready(self) -> str | None:
        return None if self._task is not None and not self._task.done() else f"{self._name} is not running"

    async def submit(self, request: Request) -> Answer:
        """Waits for the transaction that serves this request. Raises `Overloaded` when too many wait already."""
        if len(self._queue) >= self._most_waiting:
            raise Overloaded(f"expected at most {self._most_waiting} requests to wait for {self._name}")
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._queue.append((request, answer))
        self._wake.set()
        return await answer

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                batch, self._queue = self._queue[: self._most], self._queue[self._most :]
                self._served = [item for item in batch if not item[1].done()]
                await self._serve_batch(self._served)

    async def _serve_batch(self, batch: Sequence[tuple[Request, "asyncio.Future[Answer]"]]) -> None:
        if not batch:
            return
        try:
            answers = await self._serve([request for request, _ in batch])
        except Exception as error:
            answers = [error] * len(batch)
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
