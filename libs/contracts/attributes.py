"""The CloudEvents attributes of a record, as they are read: what must hold before anybody looks at the data."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from libs.contracts.moment import Moment

ENVELOPE_VERSION: Final = 1
MAX_SEQUENCE: Final = (1 << 63) - 1

Text = Annotated[str, Field(min_length=1, max_length=1024)]


class Envelope(BaseModel):
    """A CloudEvent 1.0 in structured JSON, as every Mobius topic carries it. Attributes not named here are ignored."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", use_attribute_docstrings=True)

    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    id: Text
    """`<subject>:<sequence>`: the key to deduplicate by, because delivery is at least once."""
    source: Text
    """The service that says it, `/mobius/<service>`."""
    type: Text
    """The event type, `<noun>.<past participle>` or `<noun>.state`."""
    subject: Text
    """The stream: what the event is about, by its id."""
    time: Moment
    """When it was decided: RFC 3339 in UTC."""
    dataschema: str = Field(pattern=r"^urn:mobius:[a-z_.]{1,200}:[1-9][0-9]{0,5}$")
    """`urn:mobius:<type>:<version>`: the `$id` of the JSON Schema that `data` follows."""
    datacontenttype: Literal["application/json"] = "application/json"
    """The media type of `data`."""
    project: str = Field(max_length=1024)
    """The handle of the project that it belongs to; empty for what concerns the installation."""
    sequence: int = Field(ge=1, le=MAX_SEQUENCE)
    """Counts the events of the stream from 1 without a gap."""
    partitionkey: Text
    """Decides the partition: events of equal keys stay in order. All events of a run have the run's id."""
    actor: str | None = None
    """Who caused it, for example `key_…`; absent when Mobius itself did."""
    causationid: str | None = None
    """The `id` of the event that led to this one."""
    correlationid: str | None = None
    """What the events of one undertaking have in common, for example the run."""
    traceparent: str | None = None
    """The W3C trace context of the work that led to it."""
    data: dict[str, object]
    """The payload, by the JSON Schema that `dataschema` names."""
