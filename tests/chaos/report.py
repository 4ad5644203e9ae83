"""What a person reads at the end: a table of what was struck, of what there was, and the verdict."""

from collections import Counter
from collections.abc import Mapping, Sequence

from tests.chaos.oracle.observation import ENDED, Observation

MOST_SENTENCES = 5
"""Of one check; the evidence has the rest."""


def summary(struck: Counter[str], seen: Observation) -> str:
    """Two tables: strikes by kind, and what was seen."""
    strikes = [(what, count) for what, count in sorted(struck.items(), key=lambda item: (-item[1], item[0]))]
    return "\n".join(["Struck", *_table(strikes), "", "Seen", *_table(_seen(seen))])


def verdict(judged: Mapping[str, Sequence[str]]) -> str:
    """A line for each check, and the first sentences of those that found something."""
    lines = [f"Checks: {len(judged)}, violations: {sum(map(len, judged.values()))}"]
    for name, sentences in judged.items():
        if sentences:
            lines.append(f"  {name.replace('_', ' ')}: {len(sentences)}")
            lines += [f"    {sentence}" for sentence in sentences[:MOST_SENTENCES]]
    return "\n".join(lines)


def _seen(seen: Observation) -> list[tuple[str, object]]:
    ends = Counter(_ending(events[-1]) for events in seen.runs.values())
    ids = {record.event["id"] for record in seen.records}
    return [
        ("runs", len(seen.runs)),
        *((f"  {how}", count) for how, count in sorted(ends.items())),
        ("invocations", len(seen.invocations)),
        ("records on topics", len(seen.records)),
        ("  repeated", len(seen.records) - len(ids)),
        ("deliveries", len(list(seen.noted("received", "receiver")))),
        ("reports of workers", len(list(seen.noted("reporting", "worker")))),
        ("  told that they were taken", sum(line["http"] == 204 for line in seen.noted("told", "worker"))),
        ("  told that their lease was lost", sum(line["http"] == 409 for line in seen.noted("told", "worker"))),
        ("rows of the audit log", len(seen.rows("audit.invocations"))),
        ("leases that expired", _count(seen, "job.lease_expired")),
        ("late reports", _count(seen, "job.reported_late")),
    ]


def _ending(event: dict[str, object]) -> str:
    data = event["data"]
    error = data.get("error_type") if isinstance(data, dict) else None
    return str(error or event["type"]) if event["type"] in ENDED else "not ended"


def _count(seen: Observation, kind: str) -> int:
    return sum(event["type"] == kind for events in seen.invocations.values() for event in events)


def _table(rows: Sequence[tuple[str, object]]) -> list[str]:
    return [f"  {name:<50} {value:>7}" for name, value in rows]
