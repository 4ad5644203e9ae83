"""What the pages of actions are made of: forms read, numbers put in words, samples that are those of the docs."""

from datetime import timedelta
from pathlib import Path

import pytest

from libs.chassis.decider import Rejected
from libs.contracts.codec import JsonObject
from services.audit.dashboard.pages.rotate_secret import rotation
from services.audit.dashboard.presenters.action_form import changes, creation, filled
from services.audit.dashboard.presenters.action_rows import HOURS, fared, hours_of, success_text
from services.audit.dashboard.presenters.verify_samples import SAMPLES
from services.audit.store.action_stats import NO_STATS, ActionStats, HourCount
from tests.doubles.clock import NOON

HOW_TO = Path(__file__).parents[5] / "docs" / "how-to" / "verify-a-signature.md"
KNOWN: JsonObject = {
    "name": "a",
    "endpoint_url": "https://example.com/a",
    "title": "A",
    "input_schema": {"type": "object", "minProperties": 1.0},
    "annotations": {"idempotent": True, "destructive": False, "read_only": False},
}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.language)
def test_a_sample_is_the_one_that_the_docs_show(sample: object) -> None:
    assert getattr(sample, "code") in HOW_TO.read_text()  # noqa: B009


def test_a_form_that_is_sent_as_it_was_filled_changes_nothing() -> None:
    assert changes(filled(KNOWN), KNOWN) == {}
    bare: JsonObject = {"name": "a", "endpoint_url": "https://example.com/a"}
    assert changes(filled(bare), bare) == {}


def test_only_what_differs_is_sent() -> None:
    form = {**filled(KNOWN), "title": "", "input_schema": '{"type": "object", "minProperties": 1}', "read_only": "true"}
    del form["idempotent"]
    assert changes(form, KNOWN) == {
        "title": "",
        "input_schema": {"type": "object", "minProperties": 1},
        "annotations": {"idempotent": False, "destructive": False, "read_only": True},
    }


def test_a_schema_is_not_taken_away_by_an_empty_field() -> None:
    refused = changes({**filled(KNOWN), "input_schema": " "}, KNOWN)
    assert isinstance(refused, Rejected)
    assert refused.field == "input_schema"


def test_what_is_left_empty_is_left_out_of_a_registration() -> None:
    assert creation({"name": " a ", "endpoint_url": "u", "title": "", "input_schema": ""}) == {
        "name": "a",
        "endpoint_url": "u",
    }


def test_both_bad_schemas_are_named_with_their_lines() -> None:
    refused = creation({"name": "a", "endpoint_url": "u", "input_schema": "{\n\n", "output_schema": "[]"})
    assert isinstance(refused, Rejected)
    errors = (refused.details or {})["errors"]
    assert isinstance(errors, list)
    assert len(errors) == 2
    assert "line 3" in refused.sentence


@pytest.mark.parametrize("grace", ["-1", "1.5", "1e3", "ten", "²", "9" * 30])
def test_a_grace_that_is_no_whole_number_is_refused(grace: str) -> None:
    refused = rotation({"grace_seconds": grace})
    assert isinstance(refused, Rejected)
    assert refused.field == "grace_seconds"


def test_a_grace_that_is_left_empty_is_ten_minutes() -> None:
    assert rotation({"grace_seconds": ""}) == {"grace_seconds": 600, "probe": False}
    assert rotation({"grace_seconds": "0", "probe": "true"}) == {"grace_seconds": 0, "probe": True}


@pytest.mark.parametrize(
    ("count", "failed", "text"),
    [
        (0, 0, None),
        (3, 0, "100 %"),
        (3, 3, "0 %"),
        (3, 1, "66.7 %"),
        (1_000_000, 1, "99.9 %"),
        (1_000_000, 999_999, "0.1 %"),
    ],
)
def test_success_is_never_rounded_to_all_or_nothing(count: int, failed: int, text: str | None) -> None:
    assert success_text(count, failed) == text


def test_each_of_the_last_hours_has_its_place() -> None:
    stats = ActionStats(6, 1, 10.0, 20.0, (HourCount(NOON - timedelta(hours=2), 4, 1), HourCount(NOON, 1, 0)))
    hours = hours_of(stats, NOON + timedelta(minutes=40))

    assert len(hours) == HOURS
    assert [(place, hour) for place, hour in enumerate(hours) if hour.calls] == [(21, (5, 1)), (23, (1, 0))]


def test_an_action_that_was_not_called_has_no_numbers() -> None:
    shown = fared(NO_STATS, NOON)
    assert (shown.calls, shown.success, shown.failed, shown.p50, shown.p99) == ("0", None, None, None, None)
