"""What can go wrong with runs, their steps and their jobs."""

from tests.chaos.corruptions.edits import first_of, last_of, rewrite, say, withdraw
from tests.chaos.oracle.observation import Fact, Observation


def accepted_run_that_is_nowhere(seen: Observation) -> str:
    seen.diaries["callers"].append({"what": "accepted", "external_id": "run-0", "run_id": "run_nowhere"})
    return "run_nowhere"


def two_runs_for_one_external_id(seen: Observation) -> str:
    first, second = (line for line, _ in zip(seen.noted("accepted"), range(2), strict=False))
    seen.diaries["callers"].append({**second, "external_id": first["external_id"]})
    return str(second["run_id"])


def run_that_nobody_asked_for(seen: Observation) -> str:
    event = first_of(seen, "run.started")
    external_id = event["data"]["external_id"]
    lines = seen.diaries["callers"]
    seen.diaries["callers"] = [line for line in lines if line.get("external_id") != external_id]
    return str(event["subject"])


def run_that_never_ended(seen: Observation) -> str:
    event = last_of(seen, "run.completed", "run.failed")
    withdraw(seen, event)
    return str(event["subject"])


def run_that_ended_twice(seen: Observation) -> str:
    event = last_of(seen, "run.completed")
    say(seen, event, sequence=event["sequence"] + 1)
    return str(event["subject"])


def event_after_the_end_of_its_run(seen: Observation) -> str:
    event = last_of(seen, "run.completed")
    return str(say(seen, event, type="step.progressed", sequence=event["sequence"] + 1)["id"])


def end_of_a_run_that_never_began(seen: Observation) -> str:
    event = last_of(seen, "run.completed")
    say(seen, event, subject="run_foreign", partitionkey="run_foreign", sequence=1)
    return "run_foreign"


def step_that_ended_twice(seen: Observation) -> str:
    event = first_of(seen, "step.completed")
    end = seen.runs[event["subject"]][-1]
    say(seen, event, sequence=end["sequence"] + 1)
    return str(event["data"]["invocation_id"])


def step_with_another_result_than_its_job(seen: Observation) -> str:
    event = first_of(seen, "step.completed")
    rewrite(seen, event, lambda data: data.update(result={"nonce": "another"}))
    return str(event["id"])


def run_that_nobody_cancelled(seen: Observation) -> str:
    event = next(events[-1] for events in seen.runs.values() if _was_cancelled(events[-1]))
    lines = seen.diaries["callers"]
    seen.diaries["callers"] = [
        line for line in lines if (line["what"], line.get("run_id")) != ("cancelling", event["subject"])
    ]
    return str(event["subject"])


def _was_cancelled(event: Fact) -> bool:
    return bool(event["data"].get("error_type") == "run_cancelled")


def doubled_result(seen: Observation) -> str:
    event = first_of(seen, "job.completed")
    say(seen, event, sequence=event["sequence"] + 1)
    return str(event["subject"])


def event_after_the_result_of_its_job(seen: Observation) -> str:
    event = first_of(seen, "job.completed")
    return str(say(seen, event, type="job.claimed", sequence=event["sequence"] + 1)["id"])


def job_that_no_step_asked_for(seen: Observation) -> str:
    event = first_of(seen, "job.completed")
    say(seen, event, subject="job_foreign", sequence=1)
    return "job_foreign"


def job_of_another_run(seen: Observation) -> str:
    event = first_of(seen, "job.completed")
    rewrite(seen, event, lambda data: data.update(run_id="run_other"))
    return str(event["id"])


def job_that_was_forgotten(seen: Observation) -> str:
    event = next(events[0] for events in seen.invocations.values() if len(events) == 1)
    withdraw(seen, event)
    return str(event["subject"])


def other_result_than_the_worker_was_told(seen: Observation) -> str:
    event = first_of(seen, "job.completed", lambda event: event["data"]["claimed_by"].startswith("worker"))
    rewrite(seen, event, lambda data: data.update(result={"nonce": "another"}))
    return str(event["subject"])


def worker_that_was_turned_away(seen: Observation) -> str:
    seen.diaries["worker-1"].append({"what": "odd", "asked": "claim", "http": 401, "by": "worker-1"})
    return "401"


def result_that_nobody_gave(seen: Observation) -> str:
    event = first_of(seen, "job.completed", lambda event: event["data"]["claimed_by"] == "mobius-courier")
    rewrite(seen, event, lambda data: data.update(result={"nonce": "invented"}))
    return str(event["subject"])


def attempt_that_falls(seen: Observation) -> str:
    event = first_of(seen, "job.completed")
    later = say(seen, event, sequence=event["sequence"] + 1, data={**event["data"], "attempt": 0})
    return str(later["id"])


PLANTED = {
    accepted_run_that_is_nowhere: "accepted_runs_are_there",
    two_runs_for_one_external_id: "accepted_runs_are_there",
    run_that_nobody_asked_for: "runs_were_asked_for",
    end_of_a_run_that_never_began: "runs_were_asked_for",
    run_that_never_ended: "runs_end_once",
    run_that_ended_twice: "runs_end_once",
    event_after_the_end_of_its_run: "runs_end_once",
    step_that_ended_twice: "steps_end_once",
    step_with_another_result_than_its_job: "steps_have_the_results_of_their_jobs",
    run_that_nobody_cancelled: "cancelled_runs_were_cancelled_by_somebody",
    doubled_result: "jobs_end_once",
    event_after_the_result_of_its_job: "jobs_end_once",
    job_that_no_step_asked_for: "jobs_come_from_steps",
    job_of_another_run: "jobs_come_from_steps",
    job_that_was_forgotten: "jobs_come_from_steps",
    other_result_than_the_worker_was_told: "told_results_are_kept",
    worker_that_was_turned_away: "nobody_is_turned_away",
    result_that_nobody_gave: "results_were_given_by_somebody",
    attempt_that_falls: "attempts_only_rise",
}
