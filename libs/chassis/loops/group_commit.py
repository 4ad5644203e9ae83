"""Group commit: requests queue while a transaction is in flight, then one statement serves them all.

There is no fixed linger: a lone request is served at once, and the batch grows by itself under load. It does not grow
for ever: beyond so many, and after so long a wait, a request is refused before anything was written for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Generic, NamedTuple, TypeVar

from libs.chassis.db.errors import Overloaded, Unavailable
from libs.chassis.loops.background import background
from libs.chassis.settings import ServiceSettings

Request = TypeVar("Request")
Answer = TypeVar("Answer")

Serve = Callable[[Sequence[Request]], Awaitable[Sequence[Answer | Exception]]]


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """What may wait for one kind of transaction: so many requests, and for so long (seconds)."""

    requests: int = 4_096
    seconds: float = 5

    @classmethod
    def of(cls, settings: ServiceSettings) -> "QueueLimits":
        """The limits that the settings name."""
        return cls(settings.queue_requests, settings.queue_seconds)


DEFAULT_LIMITS = QueueLimits()


class _Waiting(NamedTuple, Generic[Request, Answer]):
    request: Request
    answer: "asyncio.Future[Answer]"
    since: float


class GroupCommit(Generic[Request, Answer]):
    """Component. `serve` gets what is queued and answers each request in order, with a value or an exception.

    An exception that `serve` raises goes to every request of that batch.
    """

    def __init__(
        self, name: str, serve: Serve[Request, Answer], limits: QueueLimits = DEFAULT_LIMITS, *, most: int = 500
    ) -> None:
        self._name = name
        self._serve = serve
        self._most = most
        self._limits = limits
        self._queue: list[_Waiting[Request, Answer]] = []
        self._served: Sequence[_Waiting[Request, Answer]] = ()
        self._alarm: asyncio.TimerHandle | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._ended = False

    async def start(self) -> None:
        self._task = background(self._run(), f"group-commit-{self._name}")

    async def stop(self) -> None:
        """Serves what is queued and ends what is being served, then ends. What comes later is refused."""
        self._ended = True
        waiting = [item.answer for item in (*self._served, *self._queue) if not item.answer.done()]
        if waiting and self._task is not None and not self._task.done():
            await asyncio.wait(waiting)
        if self._task is not None:
            self._task.cancel()
        if self._alarm is not None:
            self._alarm.cancel()

    @property
    def waiting(self) -> int:
        """Requests whose transaction has not begun."""
        return len(self._queue)

    def ready(self) -> str | None:
        return None if self._task is not None and not self._task.done() else f"{self._name} is not running"

    async def submit(self, request: Request) -> Answer:
        """Waits for the transaction that serves this request. Raises `Overloaded` past a limit of the queue, and
        `Unavailable` once it has ended."""
        if self._ended:
            raise Unavailable(f"expected {self._name} to be open for requests, but it has ended")
        if len(self._queue) >= self._limits.requests:
            raise Overloaded(f"expected at most {self._limits.requests} requests to wait for {self._name}")
        loop = asyncio.get_running_loop()
        waiting: _Waiting[Request, Answer] = _Waiting(request, loop.create_future(), loop.time())
        self._queue.append(waiting)
        if self._alarm is None:
            self._alarm = loop.call_later(self._limits.seconds, self._refuse_late)
        self._wake.set()
        return await waiting.answer

    def _refuse_late(self) -> None:
        """Answers those whose time is up, oldest first, and looks again when the next one's is."""
        loop, seconds = asyncio.get_running_loop(), self._limits.seconds
        now = loop.time()
        late = list(takewhile(lambda item: item.since + seconds <= now, self._queue))
        self._queue = self._queue[len(late) :]
        self._alarm = loop.call_at(self._queue[0].since + seconds, self._refuse_late) if self._queue else None
        for item in late:
            if not item.answer.done():
                item.answer.set_exception(Overloaded(f"expected {self._name} to begin within {seconds:g} s"))

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                batch, self._queue = self._queue[: self._most], self._queue[self._most :]
                self._served = [item for item in batch if not item.answer.done()]
                await self._serve_batch(self._served)

    async def _serve_batch(self, batch: "Sequence[_Waiting[Request, Answer]]") -> None:
        if not batch:
            return
        try:
            answers = await self._serve([item.request for item in batch])
        except Exception as error:
            answers = [error] * len(batch)
        for item, answer in zip(batch, answers, strict=True):
            if item.answer.done():
                continue
            if isinstance(answer, Exception):
                item.answer.set_exception(answer)
            else:
                item.answer.set_result(answer)
