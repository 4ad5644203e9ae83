"""Remembers what specs compile to, most recently used first, within a budget of bytes of their texts."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Compiled = TypeVar("Compiled")


class DefinitionCache(Generic[Compiled]):
    """A spec larger than the whole budget is compiled each time; the rest until others have pushed it out."""

    def __init__(self, compile_bytes: Callable[[bytes], Compiled], budget: int) -> None:
        self._compile = compile_bytes
        self._budget = budget
        self._kept: OrderedDict[bytes, Compiled] = OrderedDict()
        self.kept_bytes = 0

    def compiled(self, encoded: bytes) -> Compiled:
        found = self._kept.get(encoded)
        if found is not None:
            self._kept.move_to_end(encoded)
            return found
        fresh = self._compile(encoded)
        self._kept[encoded] = fresh
        self.kept_bytes += len(encoded)
        while self.kept_bytes > self._budget:
            oldest, _ = self._kept.popitem(last=False)
            self.kept_bytes -= len(oldest)
        return fresh
