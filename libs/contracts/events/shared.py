"""What every service may say: that it could not handle a record, and that a key was used."""

from typing import Annotated, ClassVar

from pydantic import Field

from libs.contracts.moment import Moment
from libs.contracts.payload import Payload


class RecordDeadLettered(Payload):
    """A record that its hearer could not handle, byte for byte, with the reason; on the hearer's dead-letter topic."""

    type: ClassVar[str] = "record.dead_lettered"

    topic: str
    """Where the record was read."""
    partition: int
    offset: int
    reason: str
    """Why it was set aside: a reason of the decoder (`undecodable`, …), `handler_failed` or `sequence_conflict`."""
    error: str
    """The reason as a sentence."""
    tries: int = 1
    """How often it was handled in vain."""
    key_b64: str | None = None
    """The record's key in base64; absent: null."""
    value_b64: str | None = None
    """The record's value in base64, cut where it would not fit; absent: null."""
    headers: list[Annotated[tuple[str, str], Field(strict=False)]] = []
    """Header names and values, both base64: either may be any bytes."""


class ApiKeyUseState(Payload):
    """When a service last let a key in; key: the key's id. Said about once a minute, so what happened since is not in
    it, and a process that is killed takes its last minute along."""

    type: ClassVar[str] = "api_key_use.state"

    key_id: str
    last_used_at: Moment
    """The moment of the latest request that was let in."""
