"""What a batch adds up to: few rows, whatever is told of each."""

from libs.contracts.codec import parse_json
from libs.contracts.events.dispatcher import JobProgressed
from libs.contracts.events.engine import RunCompleted, WorkflowUpdated
from services.audit.consumers.dispatcher_events import hear_dispatcher
from services.audit.consumers.engine_events import hear_engine
from services.audit.domain.projection import Projection
from services.audit.domain.workflows import actions_of
from tests.unit.audit.stories import SPEC, Stream, at, done, lost, of_job, smooth, started, workflow


def of_engine(*streams: Stream) -> Projection:
    into = Projection()
    for item in (item for stream in streams for item in stream.heard):
        hear_engine(item, into)
    return into


def of_dispatcher(*streams: Stream) -> Projection:
    into = Projection()
    for item in (item for stream in streams for item in stream.heard):
        hear_dispatcher(item, into, 4_096)
    return into


def test_a_run_that_began_and_ended_in_one_batch_is_one_row_of_each() -> None:
    found = of_engine(smooth("run_1")[0])
    assert (list(found.begun), list(found.ended), list(found.attempts)) == (
        ["run_1"],
        ["run_1"],
        [("run_1", "job_run_1")],
    )
    assert found.ended["run_1"].status == "completed"
    assert found.begun["run_1"].spec is None
    assert [event.type for event in found.events][::5] == ["run.started", "run.completed"]


def test_a_version_is_taken_from_a_run_only_where_its_own_event_is_not_there() -> None:
    runs = [smooth("run_1")[0], smooth("run_2")[0]]
    [alone] = of_engine(*runs).versions.values()
    assert (alone.workflow_id, alone.version, parse_json(alone.spec)) == ("wf_1", 2, SPEC)
    assert (alone.created_at, alone.created_by) == (None, None)
    for told in (of_engine(workflow(), *runs), of_engine(*runs, workflow())):
        assert told.versions["wf_1", 2].created_by == "key_2"


def test_an_update_without_a_spec_leaves_the_actions_as_they_are() -> None:
    whole = of_engine(workflow())
    assert whole.definitions["wf_1"].actions == ["a"]
    renamed = Stream("engine", "wf_1", "wf_1")
    renamed.say(1, WorkflowUpdated(workflow_id="wf_1", name="X", latest_version=2, updated_by="key_1"))
    found = of_engine(renamed).definitions["wf_1"]
    assert (found.handle, found.actions, found.name) == (None, None, "X")


def test_what_was_heard_before_takes_nothing_back() -> None:
    stream = workflow()
    assert of_engine(stream, stream).definitions == of_engine(stream).definitions


def test_of_the_dispatcher_only_what_the_engine_does_not_say_is_history() -> None:
    stream = Stream("dispatcher", "job_1", "run_1")
    stream.say(1, JobProgressed.model_validate({**of_job("run_1", "job_1"), "name": "n", "payload": {}}))
    stream.say(2, done("run_1", "job_1", 1))
    found = of_dispatcher(stream)
    assert (found.events, found.attempts, list(found.invocations)) == ([], {}, ["job_1"])
    assert [event.type for event in of_dispatcher(lost("run_1")[1]).events] == ["job.lease_expired"]


def test_a_claim_that_was_lost_is_remembered_as_lost() -> None:
    [attempt] = of_dispatcher(lost("run_1")[1]).attempts.values()
    assert (attempt.claimed_at, attempt.lost_claim_at, attempt.claimed_by) == (at(31), at(31), "w1")


def test_the_end_of_a_run_that_began_before_is_only_its_end() -> None:
    stream = Stream("engine", "run_1", "run_1").say(1, RunCompleted(outputs={}))
    found = of_engine(stream)
    assert (found.begun, found.ended["run_1"].finished_at) == ({}, at(1))


def test_an_inline_run_brings_its_spec() -> None:
    found = of_engine(Stream("engine", "run_1", "run_1").say(0, started()))
    spec = found.begun["run_1"].spec
    assert spec is not None
    assert (parse_json(spec), found.versions) == (SPEC, {})


def test_actions_are_read_from_specs_of_any_shape() -> None:
    assert actions_of({"steps": [{"action": "b"}, {"action": "a"}, {"action": "b"}, {"sleep": {}}, 1]}) == ["a", "b"]
    assert actions_of({}) == []
