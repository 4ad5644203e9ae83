"""What can be chosen about a demo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from demo.documents import DOCUMENTS_FOLDER


@dataclass(frozen=True)
class Options:
    """`folder` holds the stack and the log of deliveries; None takes a temporary one, removed after a good demo.

    `kill` names a service to kill with -9 when a third of the documents have been delivered. `concurrency` is how
    many runs are open at once. `fallback_broker` leaves Apache Kafka out even where it could run.
    """

    documents: Path = DOCUMENTS_FOLDER
    folder: Path | None = None
    kill: str | None = None
    concurrency: int = 8
    fallback_broker: bool = False
