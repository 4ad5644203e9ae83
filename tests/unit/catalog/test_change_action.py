"""Given an action, when it is changed or deleted, then this happened or was refused."""

import pytest

from libs.chassis.decider import Rejected, fold
from libs.chassis.journal.entry import Context, entries
from libs.contracts.events.catalog import ActionDeleted, ActionUpdated, Annotations, SealedSecret
from libs.contracts.payload import Payload
from libs.contracts.targets import TargetPolicy
from services.catalog.domain.action_changes import (
    DeleteAction,
    UpdateAction,
    decide_delete,
    decide_update,
)
from services.catalog.domain.actions import Action, Schema, announcement, changed, deleted, evolve
from tests.doubles.clock import NOON

LOOSE: Schema = {"type": "object", "properties": {"doc_id": {"type": "string"}}}
STRICT: Schema = {**LOOSE, "required": ["doc_id"]}
SECRETS = [SealedSecret(version=1, sealed="v1.k.n.c")]
ACTION = Action(
    action_id="act_1",
    project="blue",
    name="summarize",
    title="Sum",
    description="all of it",
    endpoint_url="https://example.com/summarize",
    input_schema=LOOSE,
    output_schema=STRICT,
    annotations=Annotations(idempotent=True),
    secret_version=1,
    created_at=NOON,
    updated_at=NOON,
    version=4,
)


def update(**changes: object) -> UpdateAction:
    return UpdateAction(TargetPolicy(), **changes)  # type: ignore[arg-type]


def said(**changes: object) -> ActionUpdated:
    decided = decide_update(ACTION, update(**changes), NOON)
    assert not isinstance(decided, Rejected), decided
    (event,) = decided
    return event


def refused(command: UpdateAction, state: Action | None = ACTION) -> Rejected:
    decided = decide_update(state, command, NOON)
    assert isinstance(decided, Rejected)
    return decided


def after(*events: Payload) -> Action | None:
    context = Context(service="catalog", project="blue", now=NOON)
    appended = entries(context, "act_1", ACTION.version, ACTION.key, events)
    return fold(evolve, ACTION, [one.event for one in appended])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Other"),
        ("title", ""),
        ("description", "less of it"),
        ("endpoint_url", "https://example.com/other"),
        ("input_schema", {**LOOSE, "title": "Input"}),
        ("output_schema", {**STRICT, "title": "Output"}),
        ("annotations", Annotations()),
        ("annotations", None),
    ],
)
def test_a_change_says_the_new_values_and_which_are_new(field: str, value: object) -> None:
    event = said(**{field: value})
    action = after(event)

    assert event.changed == [field]
    assert getattr(event, field) == value
    assert action is not None
    assert action.version == ACTION.version + 1
    for name in ("title", "description", "endpoint_url", "input_schema", "output_schema", "annotations"):
        assert getattr(action, name) == (value if name == field else getattr(ACTION, name))
    kept = (action.action_id, action.name, action.secret_version, action.created_at)
    assert kept == (ACTION.action_id, ACTION.name, ACTION.secret_version, ACTION.created_at)


def test_what_is_so_already_is_not_said() -> None:
    same = update(title="Sum", input_schema=LOOSE, annotations=Annotations(idempotent=True))
    assert decide_update(ACTION, update(), NOON) == []
    assert decide_update(ACTION, same, NOON) == []


def test_values_that_are_equal_in_python_are_not_the_same_in_json() -> None:
    one = {"properties": {"a": {"x-note": 1}}}
    state = after(said(input_schema=one, accept_breaking="test"))
    decided = decide_update(state, update(input_schema={"properties": {"a": {"x-note": True}}}), NOON)

    assert not isinstance(decided, Rejected)
    assert [event.changed for event in decided] == [["input_schema"]]


def test_a_state_that_the_caller_does_not_know_is_not_changed() -> None:
    wanted = frozenset({"act_1.3"})
    late = refused(update(title="Other", wanted=wanted))
    gone = decide_delete(ACTION, DeleteAction(wanted), NOON)

    assert isinstance(gone, Rejected)
    assert late == gone
    assert (late.code, late.field, late.details) == (
        "precondition_failed",
        "header.If-Match",
        {"current_tag": "act_1.4"},
    )
    assert said(title="Other", wanted=frozenset({"act_1.4"})).changed == ["title"]


def test_what_would_not_be_registered_is_refused_with_every_place() -> None:
    both = Annotations(destructive=True, read_only=True)
    wrong = refused(update(endpoint_url="ftp://x", input_schema={"type": "text"}, annotations=both))

    assert wrong.kind == "invalid_argument"
    errors = (wrong.details or {})["errors"]
    assert isinstance(errors, list)
    fields = [error["field"] for error in errors if isinstance(error, dict)]
    assert fields == ["endpoint_url", "input_schema.type", "annotations"]


def test_what_is_not_there_is_not_found() -> None:
    assert refused(update(title="x"), None).kind == "not_found"
    gone = decide_delete(None, DeleteAction(), NOON)
    assert isinstance(gone, Rejected)
    assert gone.kind == "not_found"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"input_schema": STRICT}, "input_schema"), ({"output_schema": LOOSE}, "output_schema")],
)
def test_a_change_that_dependents_may_notice_has_to_be_accepted(changes: dict[str, object], field: str) -> None:
    unwanted = refused(update(**changes))
    accepted = said(**changes, accept_breaking="agreed with all of them").accepted_breaking

    assert (unwanted.kind, unwanted.code) == ("invalid_state", "breaking_change")
    assert (unwanted.field or "").startswith(field)
    reasons = (unwanted.details or {})["reasons"]
    assert isinstance(reasons, list)
    assert accepted is not None
    assert accepted.reason == "agreed with all of them"
    told = [f"{one['field']}: {one['message']}" for one in reasons if isinstance(one, dict)]
    assert accepted.findings == told


@pytest.mark.parametrize("changes", [{"input_schema": {}}, {"title": "Other"}, {"output_schema": STRICT}])
def test_a_change_that_nobody_can_notice_needs_no_acceptance(changes: dict[str, object]) -> None:
    decided = decide_update(ACTION, update(**changes, accept_breaking="in case"), NOON)
    assert not isinstance(decided, Rejected)
    assert [event.accepted_breaking for event in decided] == [None] * len(decided)


def test_a_deleted_action_is_none() -> None:
    decided = decide_delete(ACTION, DeleteAction(), NOON)
    assert not isinstance(decided, Rejected)
    assert list(decided) == [ActionDeleted(action_id="act_1", name="summarize")]
    assert after(*decided) is None


def test_the_states_that_follow_keep_the_secrets_or_drop_them() -> None:
    first = announcement(ACTION, SECRETS)
    action = after(said(title="Other", annotations=None))
    assert action is not None

    assert changed(first, action) == announcement(action, SECRETS)
    assert deleted(first) == first.model_copy(update={"secrets": [], "deleted": True})


def test_every_state_of_every_action_has_a_tag_of_its_own() -> None:
    later = after(said(title="Other"))
    assert later is not None
    assert (ACTION.tag, later.tag) == ("act_1.4", "act_1.5")
