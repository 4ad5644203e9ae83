"""Records as nobody should put them on a topic, and how a test puts them there nevertheless."""

import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c

from tests.emptying import clear

PARTITION = 0
"""Where all of it goes: what one record does to the others of its partition is what is at stake."""

LONGEST = 1_048_576 - 200
"""A MiB with what the broker puts around it."""

Headers = Sequence[tuple[str, bytes]]


def poisons(good: bytes) -> Mapping[str, tuple[bytes | None, str]]:
    """Every way to spoil a good record that says `"attempt":1`, with the reason that its dead letter must give."""
    kind = good.split(b'"type":"')[1].split(b'"')[0]
    return {
        "null": (None, "undecodable"),
        "empty": (b"", "undecodable"),
        "not UTF-8": (b"\xff\xfe\xfd", "undecodable"),
        "not UTF-8 inside": (good.replace(kind, b"\xff\xfe"), "undecodable"),
        "broken JSON": (good[:-20], "undecodable"),
        "deep JSON": (b"[" * 50_000, "undecodable"),
        "deep data": (_replaced(good, b'"attempt":1', b'"attempt":' + b"[" * 5_000 + b"]" * 5_000), "undecodable"),
        "NaN": (_replaced(good, b'"attempt":1', b'"attempt":NaN'), "undecodable"),
        "duplicate key": (_replaced(good, b'"attempt":1', b'"attempt":1,"attempt":1'), "undecodable"),
        "1 MiB": (b'"' + b"x" * (LONGEST - 2) + b'"', "undecodable"),
        "a list": (b"[1]", "undecodable"),
        "no envelope": (b"{}", "invalid_envelope"),
        "a sequence of text": (_replaced(good, b'"sequence":', b'"sequence":"1","seq":'), "invalid_envelope"),
        "another id": (_replaced(good, b'"id":"', b'"id":"other-'), "invalid_envelope"),
        "unknown type": (good.replace(kind, b"step.dreamt"), "unknown_type"),
        "future version": (_replaced(good, b":" + kind + b":1", b":" + kind + b":99"), "unknown_version"),
        "missing field": (_replaced(good, b'"step":"', b'"stepped":"'), "invalid_data"),
        "wrong type": (_replaced(good, b'"attempt":1', b'"attempt":"1"'), "invalid_data"),
    }


HEADERS: Mapping[str, Headers] = {
    "no headers": (),
    "duplicate headers": (("content-type", b"a"), ("content-type", b"b"), ("content-type", b"a")),
    "a header that is not UTF-8": (("traceparent", b"\xff\xfe"),),
    "an empty header": (("", b""),),
}
"""Headers that change nothing: nobody looks at them."""


def _replaced(raw: bytes, old: bytes, new: bytes) -> bytes:
    assert raw.count(old) >= 1, f"expected {old!r} in {raw!r}"
    return raw.replace(old, new)


@dataclass
class Publisher:
    """Puts any bytes on one partition of a topic."""

    producer: AIOKafkaProducer
    topic: str

    async def put(self, value: bytes | None, headers: Headers = (), key: bytes | None = b"key") -> int:
        """One record; answers its offset."""
        sent = await self.producer.send_and_wait(self.topic, value, key=key, partition=PARTITION, headers=list(headers))
        return int(sent.offset)

    async def put_with_odd_name(self, value: bytes) -> int:
        """A record with a header whose name is not UTF-8; the client library would refuse to write one."""
        batch = self.producer.create_batch()
        batch.append(key=b"key", value=value, timestamp=None, headers=[("odd-name", b"1")])
        raw = bytearray(batch._build())
        raw[:] = raw.replace(b"odd-name", b"odd-\xff\xfe\xfd\xfc")
        struct.pack_into(">I", raw, 17, calc_crc32c(bytes(raw[21:])))
        batch._buffer = raw
        sent = await (await self.producer.send_batch(batch, self.topic, partition=PARTITION))
        return int(sent.offset)


@asynccontextmanager
async def publishing(bootstrap: str, topic: str) -> AsyncIterator[Publisher]:
    """A publisher to a topic that holds nothing yet, and that holds nothing afterwards: others read it too."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_request_size=3_000_000)
    await producer.start()
    try:
        await clear(bootstrap, topic)
        yield Publisher(producer, topic)
        await clear(bootstrap, topic)
    finally:
        await producer.stop()
