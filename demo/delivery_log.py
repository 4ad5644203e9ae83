"""The receiver's own record of what reached it: one JSON line per delivery, appended and never rewritten.

It is what the audit log is compared with, so it is written by the receiver and knows nothing of Mobius.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from libs.contracts.codec import dump_json


@dataclass(frozen=True)
class Delivery:
    """One POST: `verified` by both libraries or not, `repeated` when its `delivery_id` had been answered before.

    The ids are empty when the body could not be read; `status` is the answer's; `at` is RFC 3339 in UTC.
    """

    at: str
    delivery_id: str
    job_id: str
    run_id: str
    doc_id: str
    attempt: int
    verified: bool
    repeated: bool
    status: int


class DeliveredBody(BaseModel):
    """What Mobius POSTs; fields that this receiver does not need are let through."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    run_id: str
    parameters: dict[str, object]
    action: str
    job_id: str
    attempt: int
    delivery_id: str


class DeliveryLog:
    """Appends to `path` and keeps the deliveries in memory too, in order of arrival."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.deliveries: list[Delivery] = []

    def append(self, delivery: Delivery) -> None:
        with self.path.open("ab") as file:
            file.write(dump_json(asdict(delivery)) + b"\n")
        self.deliveries.append(delivery)
