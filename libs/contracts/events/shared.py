"""What every service may say: that it could not handle a record."""

from typing import Annotated, ClassVar

from pydantic import Field

from libs.contracts.payload import Payload


class RecordDeadLettered(Payload):
    """A record that its hearer could not handle, byte for byte, with the reason; on the hearer's dead-letter topic."""

    type: ClassVar[str] = "record.dead_lettered"

    topic: str
    partition: int
    offset: int
    reason: str
    error: str
    tries: int = 1
    key_b64: str | None = None
    value_b64: str | None = None
    headers: list[Annotated[tuple[str, str], Field(strict=False)]] = []
    """Header names and values, both base64: either may be any bytes."""
