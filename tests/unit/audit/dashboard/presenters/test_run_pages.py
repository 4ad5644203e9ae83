"""What pages of runs are put together from: addresses, spans, tags, payloads, errors, rows of steps, timelines."""

from datetime import UTC, datetime, timedelta

import pytest

from libs.chassis.decider import Rejected
from libs.chassis.http import encode_cursor, encode_moment
from libs.contracts.codec import JsonObject, dump_json
from services.audit.dashboard.pages.runs import counted, read_filter
from services.audit.dashboard.places import (
    event_position,
    read_event_position,
    read_moment,
    read_position,
    with_query,
)
from services.audit.dashboard.presenters.run_errors import run_errors
from services.audit.dashboard.presenters.run_graph import progress_of, run_graph
from services.audit.dashboard.presenters.run_history import MOST_EVENT_BYTES, MOST_EVENT_CHARACTERS, payload_text
from services.audit.dashboard.presenters.run_timeline import timeline
from services.audit.dashboard.presenters.spans import span_text
from services.audit.dashboard.presenters.step_rows import numbers_of, step_rows
from services.audit.dashboard.presenters.tag_lines import lines_of, read_tags
from services.audit.store.attempts import AttemptRow, AttemptStatus
from services.audit.store.runs import Run

NOW = datetime(2030, 1, 31, 9, 30, tzinfo=UTC)


def second(number: float) -> datetime:
    return NOW + timedelta(seconds=number)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2030-01-31", datetime(2030, 1, 31, tzinfo=UTC)),
        ("2030-01-31T09:30", NOW),
        (" 2030-01-31 09:30:00 ", NOW),
        ("2030-01-31T09:30:00Z", NOW),
        ("2030-01-31T11:30:00+02:00", NOW),
    ],
)
def test_a_moment_is_read_as_people_write_it(text: str, moment: datetime) -> None:
    assert read_moment(text, "since") == moment


@pytest.mark.parametrize("text", ["yesterday", "09:30", "2030-13-01", "0001-01-01T00:00+23:00", "9" * 5_000])
def test_a_moment_that_is_none_is_refused_at_its_field(text: str) -> None:
    refused = read_moment(text, "until")

    assert isinstance(refused, Rejected)
    assert refused.field == "until"
    assert len(refused.sentence) < 200


def test_a_position_comes_back_as_it_went() -> None:
    assert read_position(encode_moment(NOW, "run_1")) == (NOW, "run_1")
    assert read_event_position(event_position(NOW, 7, "run_1:7")) == (NOW, 7, "run_1:7")
    assert read_position(None) is read_event_position(None) is None


@pytest.mark.parametrize(
    "text", ["x", "é", "WzFd", encode_cursor("yesterday", "a"), encode_cursor("2030-01-31T09:30:00Z", 1), "W10"]
)
def test_a_position_that_is_none_is_refused(text: str) -> None:
    assert isinstance(read_position(text), Rejected)
    assert isinstance(read_event_position(text), Rejected)


def test_an_address_has_what_was_asked_for_and_escapes_it() -> None:
    assert with_query("/a", {"b": None, "c": ""}) == "/a"
    assert with_query("/a", {"b": "x&y=<z>", "c": "ü"}) == "/a?b=x%26y%3D%3Cz%3E&c=%C3%BC"


@pytest.mark.parametrize(
    ("query", "field"),
    [({"status": "lost"}, "status"), ({"since": "x"}, "since"), ({"until": "x"}, "until"), ({"before": "x"}, "cursor")],
)
def test_a_filter_that_cannot_be_read_is_refused_at_its_field(query: dict[str, str], field: str) -> None:
    refused = read_filter("p", query)

    assert isinstance(refused, Rejected)
    assert refused.field == field


def test_a_count_says_where_counting_ended() -> None:
    assert [counted(0), counted(999), counted(1_000), counted(5_000)] == ["0", "999", "1,000+", "5,000+"]


def test_a_span_is_none_while_it_goes_on_and_never_negative() -> None:
    assert span_text(NOW, None) is span_text(None, NOW) is None
    assert span_text(NOW, second(1.5)) == "1.5 s"
    assert span_text(NOW, second(-5)) == "0 ms"


def test_tags_are_lines() -> None:
    assert read_tags(" team : a:b \n\nempty:\n") == {"team": "a:b", "empty": ""}
    assert lines_of(dump_json({"b": "2", "a": "1"})) == "a: 1\nb: 2"


@pytest.mark.parametrize(("text", "said"), [("team", "'team'"), (": a", "': a'"), ("a: 1\na: 2", "twice")])
def test_tags_that_are_none_are_refused_at_their_field(text: str, said: str) -> None:
    refused = read_tags(text)

    assert isinstance(refused, Rejected)
    assert (refused.field, said in refused.sentence) == ("tags", True)


def test_a_payload_is_the_data_of_the_record_and_cut_where_it_is_long() -> None:
    assert payload_text(dump_json({"id": "x", "data": {"a": 1}})) == '{\n  "a": 1\n}'
    long = payload_text(dump_json({"data": "x" * 2 * MOST_EVENT_CHARACTERS}))
    assert len(long) < MOST_EVENT_CHARACTERS + 100
    assert "8,002 characters in all" in long
    assert payload_text(b"x" * (MOST_EVENT_BYTES + 1)) == "… (65,537 bytes: ask the API for it)"


def run(**more: object) -> Run:
    fields: dict[str, object] = {
        "id": "run_1",
        "project": "p",
        "workflow_name": "w",
        "definition_id": None,
        "definition_version": None,
        "status": "active",
        "started_at": NOW,
        "started_by": None,
        "finished_at": None,
        "error_type": None,
        "error_message": None,
        "external_id": None,
        "spec": None,
        "inputs": b"{}",
        "outputs": None,
        "errors": None,
        "tags": b"{}",
        "metadata": b"{}",
        "workflow_handle": None,
    }
    return Run(**{**fields, **more})  # type: ignore[arg-type]


def test_the_errors_of_paths_are_told_and_else_that_of_the_run() -> None:
    failed = run(
        error_type="step_failed",
        error_message="step 'a' failed",
        errors=dump_json([{"path": "main", "step": "a", "error_type": "timeout", "error_message": "late"}]),
    )
    (error,) = run_errors(failed)
    assert (error.step, error.path, error.error_type, error.message) == ("a", "main", "timeout", "late")

    (cancelled,) = run_errors(run(error_type="run_cancelled", error_message="the run was cancelled", errors=b"[]"))
    assert (cancelled.step, cancelled.error_type) == (None, "run_cancelled")
    assert run_errors(run()) == []


SPEC: JsonObject = {
    "name": "w",
    "steps": [
        {"name": "a", "action": "act", "store": "x", "next": [{"step": "c", "condition": "${x > 1}"}]},
        {"name": "b", "sleep": {"duration": "5m"}, "retry": [{}]},
        {"name": "c", "action": "other", "action_kind": "server", "description": "Tells."},
    ],
}


def test_steps_are_rows_with_their_places() -> None:
    first, second_, third = step_rows(SPEC, 0, 10)

    assert (first.anchor, first.action, first.kind, first.store) == ("step-1", "act", "worker", "x")
    assert first.leads_to == ["c (x > 1)"]
    assert (second_.action, second_.kind, second_.extras) == (None, "sleep", ["retry"])
    assert (third.kind, third.description, third.leads_to) == ("server", "Tells.", [])
    assert [row.name for row in step_rows(SPEC, 1, 1)] == ["b"]
    assert numbers_of(SPEC) == {"a": 1, "b": 2, "c": 3}


def test_progress_counts_attempts_by_step_and_the_graph_shows_it() -> None:
    steps: dict[AttemptStatus, list[str]] = {"completed": ["a", "a"], "failed": ["a"], "running": ["c"]}

    progress = progress_of(tuple((status, tuple(names)) for status, names in steps.items()))
    assert progress == {"a": {"completed": 2, "failed": 1}, "c": {"running": 1}}
    graph = run_graph(dump_json(SPEC), steps)
    assert [(row.step, row.state) for row in graph.rows] == [
        ("a", "1 failed, 2 completed"),
        ("b", "pending"),
        ("c", "running"),
    ]
    assert 'href="?step=a#attempts"' in graph.drawing
    assert run_graph(dump_json(SPEC), steps) is graph


def attempt(status: AttemptStatus, claimed: float | None, finished: float | None, **more: object) -> AttemptRow:
    fields: dict[str, object] = {
        "id": f"job_{status}",
        "path": "main",
        "step": "a",
        "attempt": 1,
        "kind": "worker",
        "action": "act",
        "status": status,
        "scheduled_at": NOW,
        "claimed_at": None if claimed is None else second(claimed),
        "claimed_by": None if claimed is None else "worker-1",
        "finished_at": None if finished is None else second(finished),
        "error_type": None,
        "error_message": None,
        "lost_claim_at": None,
    }
    return AttemptRow(**{**fields, **more})  # type: ignore[arg-type]


def test_a_timeline_tells_waiting_from_work_and_what_was_lost() -> None:
    rows = [
        attempt("completed", 1, 3),
        attempt("failed", None, 2, error_type="expression_error", id="evt<1>", step="<b>", path="side"),
        attempt("running", 2, None, lost_claim_at=second(1)),
        attempt("scheduled", None, None),
    ]
    drawing = timeline(run(), rows, second(10.4))

    assert drawing is not None
    for part in (
        "is-waiting",
        "is-completed",
        "is-failed",
        "is-running",
        "is-open",
        "fell silent",
        "&lt;b&gt; on side",
    ):
        assert part in drawing
    assert 'href="#job_completed"' in drawing
    assert "<b>" not in drawing


def test_a_timeline_of_nothing_is_none_and_one_of_what_goes_on_stands_still_for_a_second() -> None:
    assert timeline(run(), [], NOW) is None
    rows = [attempt("running", 1, None)]
    assert timeline(run(), rows, second(10.1)) == timeline(run(), rows, second(10.9))
    assert timeline(run(), rows, second(10.1)) != timeline(run(), rows, second(11.1))
    assert timeline(run(), rows, second(901)) == timeline(run(), rows, second(959))


@pytest.mark.parametrize("item", ["", "run_1:7", "-1 a", "x a", "² a", f"{10**19} a"])
def test_a_position_in_a_history_needs_a_number(item: str) -> None:
    assert isinstance(read_event_position(encode_moment(NOW, item)), Rejected)
