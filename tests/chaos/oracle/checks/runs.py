"""Every accepted run ended once, and nothing happened to it after its end."""

from collections.abc import Iterator

from tests.chaos.oracle.observation import ACCEPTED, ENDED, Fact, Observation, short


def accepted_runs_are_there(seen: Observation) -> Iterator[str]:
    """What a caller was told exists does; one external id is one run, whoever asks how often."""
    known: dict[str, str] = {}
    for line in seen.noted("accepted"):
        run_id, external_id = line["run_id"], line["external_id"]
        if run_id not in seen.runs:
            yield f"expected the accepted run {run_id} ({external_id}) in the journal, but it is not there"
        if known.setdefault(external_id, run_id) != run_id:
            yield f"expected one run for {external_id}, but callers were told {known[external_id]} and {run_id}"


def runs_were_asked_for(seen: Observation) -> Iterator[str]:
    asked = {line["external_id"] for line in seen.noted("starting")}
    started: dict[str, str] = {}
    for run_id, events in seen.runs.items():
        if events[0]["type"] != "run.started":
            yield f"expected {run_id} to begin with run.started, but it begins with {events[0]['type']}"
            continue
        external_id = events[0]["data"].get("external_id")
        if external_id not in asked:
            yield f"expected somebody to have asked for {run_id}, but nobody did for {external_id}"
        if started.setdefault(external_id, run_id) != run_id:
            yield f"expected one run for {external_id}, but {started[external_id]} and {run_id} were started"


def runs_end_once(seen: Observation) -> Iterator[str]:
    for run_id, events in seen.runs.items():
        ends = [event["id"] for event in events if event["type"] in ENDED]
        if len(ends) != 1:
            yield f"expected {run_id} to end once, but it has {len(ends)} ends: {short(ends)}"
        elif events[-1]["id"] != ends[0]:
            yield f"expected {ends[0]} to be the last event of its run, but {events[-1]['id']} follows"


def steps_end_once(seen: Observation) -> Iterator[str]:
    """Each scheduled step completed, failed, or was closed with its run."""
    for run_id, events in seen.runs.items():
        ends: dict[str, list[str]] = {
            event["data"]["invocation_id"]: [] for event in events if event["type"] == "step.scheduled"
        }
        for invocation, event_id in _step_ends(events):
            if invocation not in ends:
                yield f"expected {event_id} to end a step of {run_id}, but {invocation} was never scheduled there"
            ends.setdefault(invocation, []).append(event_id)
        for invocation, found in ends.items():
            if len(found) != 1:
                yield f"expected {invocation} of {run_id} to end once, but it ended {len(found)} times: {short(found)}"


def _step_ends(events: list[Fact]) -> Iterator[tuple[str, str]]:
    for event in events:
        data = event["data"]
        if event["type"] in ("step.completed", "step.failed") and data.get("invocation_id"):
            yield data["invocation_id"], event["id"]
        if event["type"] == "run.failed":
            yield from ((invocation, event["id"]) for invocation in data.get("closed", []))


def steps_have_the_results_of_their_jobs(seen: Observation) -> Iterator[str]:
    accepted = {
        name: event for name, events in seen.invocations.items() for event in events if event["type"] in ACCEPTED
    }
    for events in seen.runs.values():
        for event in events:
            if event["type"] not in ("step.completed", "step.failed"):
                continue
            source = accepted.get(event["data"].get("invocation_id") or "")
            if source is None:
                yield f"expected {event['id']} to follow from an accepted result, but nobody reported one"
            elif _told(source) != _told(event):
                yield f"expected {event['id']} to say what {source['id']} said, but it says {_told(event)}"


def _told(event: Fact) -> tuple[str, object]:
    data, failed = event["data"], event["type"].endswith(".failed")
    return ("failed", data["error_message"]) if failed else ("completed", data.get("result"))


def cancelled_runs_were_cancelled_by_somebody(seen: Observation) -> Iterator[str]:
    asked = {line["run_id"] for line in seen.noted("cancelling")}
    for run_id, events in seen.runs.items():
        end = events[-1]
        if end["data"].get("error_type") == "run_cancelled" and run_id not in asked:
            yield f"expected somebody to have cancelled {run_id}, but nobody did, and {end['id']} says so"


CHECKS = (
    accepted_runs_are_there,
    runs_were_asked_for,
    runs_end_once,
    steps_end_once,
    steps_have_the_results_of_their_jobs,
    cancelled_runs_were_cancelled_by_somebody,
)
