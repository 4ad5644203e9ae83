"""What a handler may answer."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import BaseModel

from libs.chassis.decider import Rejected
from libs.contracts.codec import dump_json

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Json:
    """A JSON body: a model or a mapping (serialised once, None fields of models left out), or bytes that are JSON."""

    status: int
    content: BaseModel | Mapping[str, object] | bytes
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Empty:
    """No body."""

    status: int = 204
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes of another media type: a page, a metrics dump."""

    status: int
    body: bytes
    content_type: str
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class EventStream:
    """Server-sent events: chunks made by `encode_event`, sent as they come, until the iterator ends, the client goes
    away or the process drains. The iterator is closed in every case."""

    events: AsyncIterator[bytes]


Answer: TypeAlias = Json | Empty | Content | EventStream | Rejected


def encode_json(content: BaseModel | Mapping[str, object] | bytes) -> bytes:
    """The bytes of a `Json` answer."""
    if isinstance(content, bytes):
        return content
    if isinstance(content, BaseModel):
        encoded: bytes = content.__pydantic_serializer__.to_json(content, exclude_none=True)
        return encoded
    return dump_json(content)


def encode_event(data: bytes, event: str | None = None, event_id: str | None = None) -> bytes:
    """One server-sent event; chunks may be joined. `data` is compact JSON (no line breaks)."""
    head = f"id: {event_id}\n" if event_id is not None else ""
    if event is not None:
        head += f"event: {event}\n"
    return b"%bdata: %b\n\n" % (head.encode(), data)
