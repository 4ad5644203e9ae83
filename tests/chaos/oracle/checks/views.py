"""What the HTTP API shows agrees with the history."""

from collections.abc import Iterator

from tests.chaos.oracle.observation import ACCEPTED, Fact, Observation


def runs_are_shown_as_they_ended(seen: Observation) -> Iterator[str]:
    shown = {view["id"]: view for view in seen.views["runs"]}
    kept = {row["run_id"]: row for row in seen.rows("engine.runs")}
    for run_id, events in seen.runs.items():
        status = events[-1]["type"].partition(".")[2]
        for where, found in (("over HTTP", shown), ("in the table of runs", kept)):
            if run_id not in found:
                yield f"expected {run_id} {where}, but it is not there"
            elif found[run_id]["status"] != status:
                yield f"expected {run_id} to be {status} {where}, but it is {found[run_id]['status']}"
    for run_id in (shown.keys() | kept.keys()) - seen.runs.keys():
        yield f"expected a history of {run_id}, which is shown, but there is none"


def jobs_are_shown_as_they_ended(seen: Observation) -> Iterator[str]:
    shown = {view["id"]: view for view in seen.views["jobs"]}
    jobs = {name: events for name, events in seen.invocations.items() if name.startswith("job_")}
    for name, events in jobs.items():
        status = _status(events)
        if name not in shown:
            yield f"expected {name} over HTTP, but it is not there"
        elif shown[name]["status"] != status:
            yield f"expected {name} to be {status} over HTTP, but it is {shown[name]['status']}"
    for name in shown.keys() - jobs.keys():
        yield f"expected a history of {name}, which is shown over HTTP, but there is none"


def _status(events: list[Fact]) -> str:
    """A job that its run has closed is shown as failed."""
    result = next((event for event in events if event["type"] in ACCEPTED), None)
    return "completed" if result is not None and result["type"].endswith(".completed") else "failed"


def audit_log_is_shown_as_it_is(seen: Observation) -> Iterator[str]:
    shown = {entry["id"]: entry for entry in seen.views["audit_log"]}
    rows = {row["id"]: row for row in seen.rows("audit.invocations")}
    for name in shown.keys() ^ rows.keys():
        yield f"expected {name} in the audit log and over HTTP, but it is in one of them only"
    for name in shown.keys() & rows.keys():
        if (shown[name]["status"], shown[name]["run_id"]) != (rows[name]["status"], rows[name]["run_id"]):
            yield f"expected {name} over HTTP as in the audit log, but it is {shown[name]['status']} there"


CHECKS = (runs_are_shown_as_they_ended, jobs_are_shown_as_they_ended, audit_log_is_shown_as_it_is)
