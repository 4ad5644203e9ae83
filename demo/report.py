"""What a demo did and found out: everything that is printed, and that a test can look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from demo.answers import AuditEntry, Run
from demo.delivery_log import Delivery
from demo.slack_double import SlackMessage


@dataclass(frozen=True)
class DocumentRun:
    """One document and the run that processed it."""

    doc_id: str
    run: Run


@dataclass(frozen=True)
class Check:
    """Something that has to be so: `sentence` says what, `difference` what is not so; empty when all is well."""

    sentence: str
    difference: str = ""

    @property
    def ok(self) -> bool:
        return not self.difference


@dataclass(frozen=True)
class Takeover:
    """One more run, whose job the SDK worker `worker_id` was to take: who claimed it, who saw it."""

    document: DocumentRun
    worker_id: str
    claimed_by: tuple[str, ...]
    jobs_of_worker: tuple[str, ...]
    deliveries_during: tuple[Delivery, ...]
    audit: tuple[AuditEntry, ...]


@dataclass(frozen=True)
class Evidence:
    """What the three sides say about the documents: Mobius' audit log, the receiver's log, the Slack channel.

    `audit` has every invocation of these runs; `audit_of_first_run` is what the log answered when it was asked for the
    first run alone, `audit_of_action` when it was asked for `summarize-document` alone.
    """

    documents: tuple[str, ...]
    runs: tuple[DocumentRun, ...]
    audit: tuple[AuditEntry, ...]
    audit_of_first_run: tuple[AuditEntry, ...]
    audit_of_action: tuple[AuditEntry, ...]
    deliveries: tuple[Delivery, ...]
    messages: tuple[SlackMessage, ...]


@dataclass(frozen=True)
class Report:
    """The whole demo. `loss` says what is lost on a fallback broker, empty on Kafka; `killed` names a service."""

    evidence: Evidence
    takeover: Takeover
    checks: tuple[Check, ...]
    loss: str
    killed: str | None
    delivery_log: Path
    processing_seconds: float
    total_seconds: float

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


def same(sentence: str, one: Counter[str], other: Counter[str]) -> Check:
    """A check that two counts agree for every name; the difference lists the names with both counts."""
    names = sorted(name for name in one.keys() | other.keys() if one[name] != other[name])
    return Check(sentence, "; ".join(f"{name}: {one[name]} against {other[name]}" for name in names))
