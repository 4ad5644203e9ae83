"""Given the action that has the name, when an action is created, then this happened or was refused."""

import pytest

from libs.chassis.decider import Rejected, fold
from libs.chassis.journal.entry import Context, entries
from libs.contracts.events.catalog import ActionCreated, ActionState, Annotations, SealedSecret
from libs.contracts.targets import TargetPolicy
from services.catalog.domain.actions import Action, CreateAction, Schema, announcement, decide, evolve
from tests.doubles.clock import NOON

SECRET = SealedSecret(version=1, sealed="v1.k.n.c")
SCHEMA: Schema = {"type": "object", "properties": {"doc_id": {"type": "string"}}}


def create(**changes: object) -> CreateAction:
    fields: dict[str, object] = {
        "action_id": "act_1",
        "name": "summarize-document",
        "endpoint_url": "https://example.com/summarize",
        "secret": SECRET,
        "targets": TargetPolicy(),
    }
    return CreateAction(**(fields | changes))  # type: ignore[arg-type]


def after(command: CreateAction) -> Action:
    """The action that a command makes in the project `blue`."""
    events = decide(None, command, NOON)
    assert not isinstance(events, Rejected)
    context = Context(service="catalog", project="blue", now=NOON)
    said = entries(context, command.action_id, 0, f"blue/{command.name}", events)
    action = fold(evolve, None, [entry.event for entry in said])
    assert action is not None
    return action


def refused(command: CreateAction, state: Action | None = None) -> Rejected:
    decided = decide(state, command, NOON)
    assert isinstance(decided, Rejected)
    return decided


def fields_of(rejected: Rejected) -> list[object]:
    errors = (rejected.details or {})["errors"]
    assert isinstance(errors, list)
    return [error["field"] for error in errors if isinstance(error, dict)]


def test_an_action_is_created_as_it_was_described() -> None:
    annotations = Annotations(idempotent=True)
    command = create(
        title="Summarize", description="*all* of it", input_schema=SCHEMA, output_schema=SCHEMA, annotations=annotations
    )

    assert decide(None, command, NOON) == [
        ActionCreated(
            action_id="act_1",
            name="summarize-document",
            title="Summarize",
            description="*all* of it",
            endpoint_url="https://example.com/summarize",
            input_schema=SCHEMA,
            output_schema=SCHEMA,
            annotations=annotations,
            secret_version=1,
        )
    ]


def test_what_was_created_is_an_action_of_its_project_since_now() -> None:
    action = after(create())

    assert (action.action_id, action.project, action.name) == ("act_1", "blue", "summarize-document")
    assert action.created_at == action.updated_at == NOON
    assert action.key == "blue/summarize-document"


def test_the_state_for_others_has_the_sealed_secret() -> None:
    assert announcement(after(create(input_schema=SCHEMA)), [SECRET]) == ActionState(
        action_id="act_1",
        project="blue",
        name="summarize-document",
        endpoint_url="https://example.com/summarize",
        input_schema=SCHEMA,
        secrets=[SECRET],
    )


def test_a_taken_name_is_refused() -> None:
    assert refused(create(action_id="act_2"), after(create())) == Rejected(
        "already_exists",
        "expected a name that is free in this project, but summarize-document is taken",
        field="name",
    )


def test_bad_input_is_said_before_a_taken_name() -> None:
    assert refused(create(endpoint_url="ftp://x"), after(create())).kind == "invalid_argument"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "mobius.x"}, "name"),
        ({"name": "Upper"}, "name"),
        ({"endpoint_url": "ftp://example.com"}, "endpoint_url"),
        ({"endpoint_url": "http://127.0.0.1/"}, "endpoint_url"),
        ({"endpoint_url": "https://user:pass@example.com"}, "endpoint_url"),
        ({"input_schema": {"type": "objekt"}}, "input_schema.type"),
        ({"input_schema": {"$ref": "https://example.com/s.json"}}, "input_schema.$ref"),
        (
            {"output_schema": {"properties": {"a b": {"allOf": [{"type": 3}]}}}},
            'output_schema.properties["a b"].allOf[0].type',
        ),
        ({"output_schema": {"pattern": "(?=x)"}}, "output_schema.pattern"),
        ({"annotations": Annotations(destructive=True, read_only=True)}, "annotations"),
    ],
)
def test_bad_input_is_refused_with_its_field(changes: dict[str, object], field: str) -> None:
    rejected = refused(create(**changes))

    assert (rejected.kind, rejected.field) == ("invalid_argument", field)
    assert "expected " in rejected.sentence
    assert ", but " in rejected.sentence


def test_everything_that_is_wrong_is_said_at_once() -> None:
    rejected = refused(create(name="A", endpoint_url="", input_schema={"type": 1}, output_schema={"type": 2}))

    assert fields_of(rejected) == ["name", "endpoint_url", "input_schema.type", "output_schema.type"]
    assert rejected.sentence.endswith("(and 3 more)")


def test_an_allowed_internal_target_is_accepted() -> None:
    after(create(endpoint_url="http://127.0.0.1:8080/x", targets=TargetPolicy.from_cidrs(["127.0.0.0/8"])))


@pytest.mark.parametrize("annotations", [Annotations(destructive=True), Annotations(read_only=True, idempotent=True)])
def test_annotations_that_agree_are_accepted(annotations: Annotations) -> None:
    assert after(create(annotations=annotations)).annotations == annotations
