"""What a spec can get wrong beyond its shape: one case per rule, and all of them at once."""

import pytest

from libs.chassis.decider import Rejected
from libs.contracts.codec import Json, JsonObject, dump_json
from services.engine.domain.catalog_checks import check_spec
from services.engine.domain.definition import Definition, compile_spec
from services.engine.domain.limits import SPEC_BYTES
from services.engine.domain.problems import Problem, at, refusal
from tests.unit.engine.live_run import CATALOG, edge, spec, step


def problems(raw: JsonObject) -> list[tuple[str, str]]:
    found = check_spec(raw, CATALOG)
    assert not isinstance(found, Definition)
    return [(one.field, one.sentence) for one in found]


SLEEP: JsonObject = {"name": "nap", "sleep": {"duration": "1s"}}
SHAPES = "expected exactly one of action, join, sleep, wait_signal, pause, interaction, but the step has"

CASES: list[tuple[str, JsonObject, str, str]] = [
    (
        "a shape that does not run yet",
        spec(step("a"), SLEEP),
        "spec.steps[1].sleep",
        "expected action steps only, but this version does not run sleep steps yet",
    ),
    (
        "a join",
        spec(step("a"), {"name": "j", "join": {}}),
        "spec.steps[1].join",
        "expected action steps only, but this version does not run join steps yet",
    ),
    (
        "a loop over items",
        spec(step("a", each={"items": [1]})),
        "spec.steps[0].each",
        "expected steps without each, but this version does not run each yet",
    ),
    (
        "a retry",
        spec(step("a", retry=[{"max_retries": 1}])),
        "spec.steps[0].retry",
        "expected steps without retry, but this version does not run retry yet",
    ),
    (
        "a catch",
        spec(step("a", catch=[{"error_equals": [], "next": "a"}])),
        "spec.steps[0].catch",
        "expected steps without catch, but this version does not run catch yet",
    ),
    ("no shape", spec({"name": "a"}), "spec.steps[0]", f"{SHAPES} none of them"),
    ("two shapes", spec({**SLEEP, "action": "work"}), "spec.steps[0]", f"{SHAPES} action and sleep"),
    (
        "a name with a slash",
        spec(step("a/b")),
        "spec.steps[0].name",
        "expected letters, digits, spaces and _ . : -, but got 'a/b'",
    ),
    (
        "a name twice",
        spec(step("a"), step("a")),
        "spec.steps[1].name",
        "expected a name of its own, but steps[0] is called 'a' too",
    ),
    (
        "an unknown start",
        spec(step("a"), start_at="z"),
        "spec.start_at",
        "expected the name of a step, but there is no step 'z'",
    ),
    (
        "an edge to nowhere",
        spec(step("a", next=[edge("z")])),
        "spec.steps[0].next[0].step",
        "expected the name of a step, but there is no step 'z'",
    ),
    (
        "a branch with a slash",
        spec(step("a", next=[edge("b", branch="x/1")]), step("b")),
        "spec.steps[0].next[0].branch",
        "expected letters, digits and _ -, but got 'x/1'",
    ),
    (
        "a branch called main",
        spec(step("a", next=[edge("b", branch="main")]), step("b")),
        "spec.steps[0].next[0].branch",
        "expected a new path, but 'main' is where the run begins",
    ),
    (
        "a step that no edge leads to",
        spec(step("a", next=[edge("a")]), step("b")),
        "spec.steps[1]",
        "expected a way from 'a' to every step, but none leads to 'b'",
    ),
    (
        "a step behind one that says it is the last",
        spec(step("a", next=[]), step("b")),
        "spec.steps[1]",
        "expected a way from 'a' to every step, but none leads to 'b'",
    ),
    (
        "a step before the start",
        spec(step("a"), step("b"), start_at="b"),
        "spec.steps[0]",
        "expected a way from 'b' to every step, but none leads to 'a'",
    ),
    (
        "an input twice",
        spec(step("a"), inputs=[{"name": "n", "type": "any"}, {"name": "n", "type": "any"}]),
        "spec.inputs[1].name",
        "expected a name of its own, but 'n' is taken",
    ),
    (
        "an input with a bad name",
        spec(step("a"), inputs=[{"name": "1n", "type": "any"}]),
        "spec.inputs[0].name",
        "expected a letter or _, then letters, digits and _ -, but got '1n'",
    ),
    (
        "an input of no known type",
        spec(step("a"), inputs=[{"name": "n", "type": "text"}]),
        "spec.inputs[0].type",
        "expected one of string, integer, number, boolean, object, array, any, but got 'text'",
    ),
    (
        "a default of another type",
        spec(step("a"), inputs=[{"name": "n", "type": "integer", "default": 1.0}]),
        "spec.inputs[0].default",
        "expected integer, but got number",
    ),
    (
        "an output twice",
        spec(step("a", store="v"), outputs=[{"name": "o", "variable": "v"}, {"name": "o", "variable": "v"}]),
        "spec.outputs[1].name",
        "expected a name of its own, but 'o' is taken",
    ),
    (
        "an output that nothing stores",
        spec(step("a"), outputs=[{"name": "o", "variable": "v"}]),
        "spec.outputs[0].variable",
        "expected a variable of the state, but no step stores 'v' and the state has none",
    ),
    (
        "an output of an unknown branch",
        spec(step("a", store="v"), outputs=[{"name": "o", "variable": "v", "branch": "b"}]),
        "spec.outputs[0].branch",
        "expected a branch of this workflow, but no edge starts 'b'",
    ),
    (
        "a state variable with a bad name",
        spec(step("a"), state={"a-b": 1}),
        "spec.state.a-b",
        "expected a letter or _, then letters, digits and _, but got 'a-b'",
    ),
    (
        "a store that is no bare name",
        spec(step("a", store="state.v")),
        "spec.steps[0].store",
        "expected a letter or _, then letters, digits and _, but got 'state.v'",
    ),
    (
        "an undeclared input",
        spec(step("a", parameters={"x": ["${inputs.m}"]}), inputs=[{"name": "n", "type": "any"}]),
        "spec.steps[0].parameters.x[0]",
        "expected a declared input, but inputs.m is none",
    ),
    (
        "an unknown variable of the state",
        spec(step("a", parameters={"x": "${state.v}"})),
        "spec.steps[0].parameters.x",
        "expected a variable of the state, but no step stores 'v' and the state has none",
    ),
    (
        "an unknown fact of the run",
        spec(step("a", parameters={"x": "${run.color}"})),
        "spec.steps[0].parameters.x",
        "expected one of run.id, run.project, run.started_at, run.workflow, but got run.color",
    ),
    (
        "an unknown root",
        spec(step("a", parameters={"x": "${steps.a}"})),
        "spec.steps[0].parameters.x",
        "expected one of inputs, state, run, but there is no variable 'steps'",
    ),
    (
        "a loop variable that hides a root",
        spec(step("a", parameters={"x": "${[1].map(run, run)}"})),
        "spec.steps[0].parameters.x",
        "expected a loop variable with a name of its own, but run means something",
    ),
    (
        "a condition that is no expression",
        spec(step("a", next=[edge("a", "1 +")])),
        "spec.steps[0].next[0].condition",
        "",
    ),
    (
        "a condition with an unknown variable",
        spec(step("a", next=[edge("a", "${state.v}")])),
        "spec.steps[0].next[0].condition",
        "expected a variable of the state, but no step stores 'v' and the state has none",
    ),
    (
        "an unknown action",
        spec(step("a", "nothing")),
        "spec.steps[0].action",
        "expected an action of the catalog, but there is no 'nothing'",
    ),
    (
        "a platform action for a worker",
        spec(step("a", "slack.post-message")),
        "spec.steps[0].action_kind",
        "expected action_kind server, but 'slack.post-message' is a platform action and no worker executes it",
    ),
    (
        "a server step without an endpoint",
        spec(step("a", "no-endpoint", action_kind="server")),
        "spec.steps[0].action_kind",
        "expected an action with an endpoint, but 'no-endpoint' has none",
    ),
    (
        "constant parameters that the schema refuses",
        spec(step("a", "summarize-document", parameters={"doc_id": 7})),
        "spec.steps[0].parameters.doc_id",
        "",
    ),
    ("no parameters where some are required", spec(step("a", "summarize-document")), "spec.steps[0].parameters", ""),
    ("too many bytes", spec(step("a"), state={"v": "x" * SPEC_BYTES}), "spec", ""),
]


@pytest.mark.parametrize(("raw", "field", "sentence"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_broken_rule_names_its_place(raw: JsonObject, field: str, sentence: str) -> None:
    found = problems(raw)

    assert len(found) == 1
    assert found[0][0] == field
    assert found[0][1].startswith("expected ")
    assert " but " in found[0][1]
    assert not sentence or found[0][1] == sentence


def test_fields_of_actions_are_refused_on_other_steps() -> None:
    found = problems(spec(step("a"), {**SLEEP, "store": "v", "action_kind": "server"}))

    assert [field for field, _ in found] == ["spec.steps[1].sleep", "spec.steps[1].action_kind", "spec.steps[1].store"]


def test_a_spec_of_absurd_depth_is_refused() -> None:
    deep: Json = 1
    for _ in range(40):
        deep = [deep]

    assert problems(spec(step("a"), state={"v": deep})) == [("spec", "expected at most 32 levels, but it is deeper")]


def test_everything_wrong_comes_at_once() -> None:
    raw = spec(
        step("a", "work", next=[edge("z"), edge("a", "size(")]),
        {"name": "b", "pause": {}},
        step("c", store="1", parameters={"x": "${inputs.n.}"}),
    )

    found = compile_spec(raw)

    assert not isinstance(found, Definition)
    assert [(one.step, one.field) for one in found] == [
        ("b", "spec.steps[1].pause"),
        ("a", "spec.steps[0].next[0].step"),
        ("c", "spec.steps[2].store"),
        ("a", "spec.steps[0].next[1].condition"),
        ("c", "spec.steps[2].parameters.x"),
    ]


def test_unknown_actions_are_named_for_every_step() -> None:
    found = problems(spec(step("a", "one"), step("b", "two"), step("c")))

    assert [field for field, _ in found] == ["spec.steps[0].action", "spec.steps[1].action"]


def test_the_refusal_leads_with_the_first_and_lists_all() -> None:
    refused = refusal([Problem("spec.name", "expected a, but b"), Problem("spec.steps[0]", "expected c, but d", "x")])

    assert refused == Rejected(
        "invalid_argument",
        "spec.name: expected a, but b (and 1 more)",
        field="spec.name",
        details={
            "errors": [
                {"field": "spec.name", "message": "expected a, but b"},
                {"field": "spec.steps[0]", "message": "expected c, but d", "step": "x"},
            ]
        },
    )


def test_endless_names_do_not_make_endless_answers() -> None:
    refused = refusal([Problem(f"spec.state.{'x' * 500_000}", f"expected a name, but got {'x' * 500_000}")])

    assert len(dump_json([refused.sentence, refused.field, refused.details])) < 20_000


def test_paths_are_written_as_in_code() -> None:
    assert at("spec", ["steps", 0, "next", 1, "step"]) == "spec.steps[0].next[1].step"


def test_a_definition_is_compiled_once() -> None:
    assert compile_spec(spec(step("a"))) is compile_spec(spec(step("a")))


@pytest.mark.parametrize("name", ["a", "Summarize doc", "a.b-c_d", "v1.0: send", "_x"])
def test_a_readable_step_name_is_taken(name: str) -> None:
    assert isinstance(compile_spec(spec(step(name))), Definition)


@pytest.mark.parametrize("name", [" a", "a ", "-", "a\nb", "ä", "a/b", "${x}"])
def test_an_unreadable_step_name_is_refused(name: str) -> None:
    assert not isinstance(compile_spec(spec(step(name))), Definition)
