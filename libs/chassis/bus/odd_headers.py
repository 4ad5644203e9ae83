"""Reads records whose header names are not UTF-8.

The client library raises on such a name, again and again, so that nothing behind it is ever read. Nobody here looks at
headers, and such a record may well be a good one. So a batch that the fast reader gives up on is read again by the slow
one, with names that keep their bytes as surrogates.
"""

import struct
from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_LENGTH_AT = 8
_AFTER_LENGTH = 12


def bear_odd_headers() -> None:
    """From now on, for every consumer of this process."""
    fetcher.MemoryRecords = _Records


class _Records:
    """The batches of one answer of the broker."""

    def __init__(self, raw: bytes) -> None:
        self._raw = memoryview(raw)
        self._records = MemoryRecords(raw)
        self._at = 0

    def size_in_bytes(self) -> int:
        size: int = self._records.size_in_bytes()
        return size

    def has_next(self) -> bool:
        return bool(self._records.has_next())

    def next_batch(self) -> "_Batch":
        (length,) = struct.unpack_from(">i", self._raw, self._at + _LENGTH_AT)
        begin, self._at = self._at, self._at + _AFTER_LENGTH + length
        return _Batch(self._records.next_batch(), self._raw[begin : self._at])


class _Batch:
    """One batch; whatever else it is asked for, the library's own one answers."""

    def __init__(self, batch: Any, raw: memoryview) -> None:
        self._batch = batch
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        try:
            return iter(list(self._batch))
        except UnicodeDecodeError:
            return _read_slowly(self._raw)


def _read_slowly(raw: memoryview) -> Iterator[Any]:
    batch = _DefaultRecordBatchPy(raw)
    records: Iterator[Any] = iter(batch)  # which uncompresses it
    batch._buffer = _Bytes(batch._buffer)
    return records


class _Bytes(bytearray):
    """Bytes whose slices become text whatever they are."""

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return _Bytes(found) if isinstance(found, bytearray) else found

    def decode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> str:
        return super().decode(encoding, "surrogateescape")
