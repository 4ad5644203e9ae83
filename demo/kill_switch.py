"""Kills one service with -9 in the middle of the demo, when a third of the documents have been delivered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from demo.delivery_log import Delivery
from demo.report import Check

SHARE = 3


class KillSwitch:
    """`kill` is called once, as soon as a third of `documents` different documents have been heard of."""

    def __init__(self, service: str, documents: int, kill: Callable[[str], Awaitable[None]]) -> None:
        self.service = service
        self.delivered_before: int | None = None
        self._wanted = max(1, documents // SHARE)
        self._documents = documents
        self._delivered: set[str] = set()
        self._due = asyncio.Event()
        self._kill = kill

    def hear(self, delivery: Delivery) -> None:
        self._delivered.add(delivery.doc_id)
        if len(self._delivered) >= self._wanted:
            self._due.set()

    async def wait_and_kill(self) -> None:
        await self._due.wait()
        self.delivered_before = len(self._delivered)
        await self._kill(self.service)

    def check(self) -> Check:
        """Whether it was in the middle."""
        killed = self.delivered_before is not None and self.delivered_before < self._documents
        sentence = f"The {self.service} was killed after {self.delivered_before} of {self._documents} documents"
        return Check(sentence, "" if killed else "it was not killed before the last document")
