"""The envelope: CloudEvents 1.0, structured JSON, with the extensions that event sourcing needs.

`sequence` counts from 1 without a gap in each stream (`subject`); `partitionkey` decides the partition, so that all
events of a run stay in order; `id` is `<subject>:<sequence>` and therefore the key to deduplicate by.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

import orjson

from libs.contracts.payload import Payload

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"

P_co = TypeVar("P_co", bound=Payload, covariant=True)


@dataclass(frozen=True, slots=True)
class Event(Generic[P_co]):
    """One fact, as it stands in the journal and on the topic. `time` is aware UTC."""

    source: str
    subject: str
    sequence: int
    partitionkey: str
    project: str
    time: datetime
    data: P_co
    actor: str | None = None
    causationid: str | None = None
    correlationid: str | None = None
    traceparent: str | None = None

    @property
    def id(self) -> str:
        return f"{self.subject}:{self.sequence}"

    @property
    def type(self) -> str:
        return self.data.type


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds, for example `2030-01-31T09:30:00.000001Z`."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:-6] + "Z"


def encode(event: Event[Payload]) -> bytes:
    """The bytes that the journal keeps and the topic carries."""
    document: dict[str, object] = {
        "specversion": SPEC_VERSION,
        "id": event.id,
        "source": event.source,
        "type": event.data.type,
        "subject": event.subject,
        "time": format_time(event.time),
        "dataschema": event.data.dataschema(),
        "datacontenttype": CONTENT_TYPE,
        "project": event.project,
        "sequence": event.sequence,
        "partitionkey": event.partitionkey,
    }
    for name in ("actor", "causationid", "correlationid", "traceparent"):
        value = getattr(event, name)
        if value is not None:
            document[name] = value
    document["data"] = orjson.Fragment(event.data.model_dump_json(exclude_none=True))
    return orjson.dumps(document)
