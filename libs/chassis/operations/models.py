"""What an operator asks and is told."""

from pydantic import BaseModel, Field, JsonValue

from libs.chassis.http import Body


class ResumeBody(Body):
    """How a parked stream is to go on."""

    discard_offset: int | None = Field(
        None, ge=0, description="Offset of the first kept record, to give that one up; absent: it is tried again."
    )


class ParkedStreamView(BaseModel):
    """A stream whose records are kept instead of handled."""

    id: str = Field(description="Its id, `park_…`.")
    topic: str = Field(description="Where its records come from.")
    partition: int = Field(description="The partition of the topic.")
    stream: str = Field(description="The stream: `subject` in its events.")
    reason: str = Field(description="`handler_failed` or `sequence_gap`.")
    error: str = Field(description="The reason as a sentence.")
    parked_at: str = Field(description="Since when.")
    done_sequence: int = Field(description="The last sequence that took effect, or was given up.")
    kept_records: int = Field(description="How many records wait.")
    first_offset: int | None = Field(None, description="Offset of the first record that waits.")
    going_on: bool = Field(description="Whether it has been asked to go on, and nobody has done so yet.")


class KeptRecordView(BaseModel):
    """A record that waits."""

    offset: int = Field(description="Its place in the partition.")
    sequence: int = Field(description="Its place in the stream.")
    published_at: str = Field(description="When it was put on the topic.")
    dead_lettered: bool = Field(description="Whether it is a dead letter already.")
    bytes: int = Field(description="How long it is.")
    event: JsonValue = Field(None, description="The event; absent where it is longer than 16 KiB.")


class ParkedStreamDetail(ParkedStreamView):
    """A parked stream with its first records."""

    records: list[KeptRecordView] = Field(description="The first twenty of the records that wait, in order.")


class ParkedStreamsPage(BaseModel):
    """A page of parked streams."""

    items: list[ParkedStreamView]
    has_more: bool
    next_cursor: str | None = None


class DeadLetterView(BaseModel):
    """A record that was set aside."""

    topic: str = Field(description="Where it was read.")
    partition: int = Field(description="The partition of the topic.")
    offset: int = Field(description="Its place in the partition.")
    reason: str = Field(description="Why, in a word.")
    error: str = Field(description="Why, as a sentence.")
    tries: int = Field(description="How often it was handled in vain.")
    set_aside_at: str = Field(description="When.")


class DeadLettersPage(BaseModel):
    """A page of dead letters."""

    items: list[DeadLetterView]
    has_more: bool
    next_cursor: str | None = None
