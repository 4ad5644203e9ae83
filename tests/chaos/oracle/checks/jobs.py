"""No job has two accepted results, and a result that a worker was told was taken is the one in the history."""

from collections.abc import Iterator
from itertools import pairwise

from tests.chaos.oracle.observation import ACCEPTED, Fact, Observation, short


def jobs_end_once(seen: Observation) -> Iterator[str]:
    """By a result or by the end of their run; after a result nothing, after a closing at most a late report."""
    for name, events in seen.invocations.items():
        results = [event["id"] for event in events if event["type"] in ACCEPTED]
        ends = [event for event in events if event["type"] in ACCEPTED or event["type"] == "job.closed"]
        if len(results) > 1:
            yield f"expected {name} to have one accepted result, but it has {len(results)}: {short(results)}"
        elif len(ends) != 1:
            yield f"expected {name} to end once, but it ended {len(ends)} times: {short(end['id'] for end in ends)}"
        else:
            after = [event["id"] for event in events if event["sequence"] > ends[0]["sequence"] and not _is_late(event)]
            if after:
                yield f"expected nothing about {name} after {ends[0]['id']}, but there is {short(after)}"


def _is_late(event: Fact) -> bool:
    return bool(event["type"] == "job.reported_late")


def jobs_come_from_steps(seen: Observation) -> Iterator[str]:
    """Each has a step that asked for it, in the run that it names, and each step's job is there."""
    scheduled = {
        event["data"]["invocation_id"]: run_id
        for run_id, events in seen.runs.items()
        for event in events
        if event["type"] == "step.scheduled"
    }
    for name, events in seen.invocations.items():
        if name not in scheduled:
            yield f"expected a step to have asked for {name}, but none did, and {events[0]['id']} is about it"
        for event in events:
            if name in scheduled and event["data"]["run_id"] != scheduled[name]:
                yield f"expected {event['id']} to be about {scheduled[name]}, but it is about {event['data']['run_id']}"
    for name in scheduled.keys() - seen.invocations.keys():
        yield f"expected {name} of {scheduled[name]} to have ended, but the dispatcher never said so"


def told_results_are_kept(seen: Observation) -> Iterator[str]:
    for line in seen.noted("told", "worker"):
        if line["http"] != 204:
            continue
        events = seen.invocations.get(line["job_id"], [])
        late = any(_is_late(event) and event["data"]["attempt"] == line["attempt"] for event in events)
        kept = any(event["type"] in ACCEPTED and _nonce(event) == line["nonce"] for event in events)
        if not late and not kept:
            result = next((event["id"] for event in events if event["type"] in ACCEPTED), "nothing")
            yield (
                f"expected {line['nonce']}, which {line['worker']} was told was taken, as the result of "
                f"{line['job_id']}, but its history has {result}"
            )


def nobody_is_turned_away(seen: Observation) -> Iterator[str]:
    """Whoever asks rightly is told yes, that his lease is lost, or to come back later; never that he may not."""
    for line in seen.noted("odd"):
        yield f"expected no refusal of what {line['by']} may do, but to {line['asked']} the answer was {line['http']}"


def results_were_given_by_somebody(seen: Observation) -> Iterator[str]:
    """A worker reported it, the receiver answered it, or Slack named the message."""
    given = {line["nonce"] for line in seen.noted("reporting", "worker")}
    given |= {line["result"]["nonce"] for line in seen.noted("answered", "receiver")}
    given |= {line["ts"] for line in seen.noted("posted", "slack")}
    for name, events in seen.invocations.items():
        for event in events:
            if event["type"].endswith(".completed") and _nonce(event) not in given:
                yield f"expected somebody to have given the result of {name}, but nobody gave {_nonce(event)}"


def attempts_only_rise(seen: Observation) -> Iterator[str]:
    for events in seen.invocations.values():
        for before, after in pairwise(events):
            if after["data"]["attempt"] < before["data"]["attempt"]:
                yield f"expected attempts to rise, but {after['id']} has a lower one than {before['id']}"


def _nonce(event: Fact) -> object:
    """What tells this result from any other."""
    data = event["data"]
    result = data.get("result")
    if isinstance(result, dict):
        return result.get("nonce") or result.get("ts")
    return data.get("error_message")


CHECKS = (
    jobs_end_once,
    jobs_come_from_steps,
    told_results_are_kept,
    nobody_is_turned_away,
    results_were_given_by_somebody,
    attempts_only_rise,
)
