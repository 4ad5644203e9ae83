"""Workflow definitions that must be refused, saved or inline: shapes, graphs, expressions, actions."""

from libs.contracts.codec import Json, JsonObject
from tests.e2e.bad_input.case import Case

STEP: JsonObject = {"name": "a", "action": "bad-target", "parameters": {"doc_id": "x"}}
SECOND: JsonObject = {**STEP, "name": "b"}


def spec_of(*steps: Json, **changes: Json) -> JsonObject:
    return {"name": "never-made", "steps": [*steps], **changes}


def saving(name: str, field: str, spec: Json) -> Case:
    return Case(f"workflow: {name}", "POST", "workflows", {"name": "never-made", "spec": spec}, field)


def step(name: str, field: str, /, **changes: Json) -> Case:
    """A workflow of one step that is good but for these changes; `field` is below that step."""
    where = f"spec.steps[0].{field}" if field else "spec.steps[0]"
    return saving(name, where, spec_of({**STEP, **changes}))


def templated(name: str, text: str) -> Case:
    return step(name, "parameters.doc_id", parameters={"doc_id": text})


def without(name: str) -> Json:
    return {key: value for key, value in STEP.items() if key != name}


SHAPES = (
    Case("workflow: no spec", "POST", "workflows", {"name": "never-made"}, "spec"),
    Case("workflow: no name", "POST", "workflows", {"spec": spec_of(STEP)}, "name"),
    Case(
        "workflow: unknown field", "POST", "workflows", {"name": "x", "spec": spec_of(STEP), "colour": "red"}, "colour"
    ),
    Case("workflow: empty name", "POST", "workflows", {"name": "", "spec": spec_of(STEP)}, "name"),
    Case("workflow: name too long", "POST", "workflows", {"name": "x" * 300, "spec": spec_of(STEP)}, "name"),
    Case("workflow: bad handle", "POST", "workflows", {"name": "x", "handle": "A B", "spec": spec_of(STEP)}, "handle"),
    Case("workflow: tag number", "POST", "workflows", {"name": "x", "spec": spec_of(STEP), "tags": {"a": 1}}, "tags.a"),
    Case(
        "workflow: reserved tag",
        "POST",
        "workflows",
        {"name": "never-made", "spec": spec_of(STEP), "tags": {"mobius:team": "x"}},
        "tags.mobius:team",
    ),
    saving("spec is a list", "spec", [STEP]),
    saving("spec without steps", "spec.steps", {"name": "x"}),
    saving("spec of no steps", "spec.steps", spec_of()),
    saving("spec field unknown", "spec.colour", spec_of(STEP, colour="red")),
    saving("step is text", "spec.steps[0]", spec_of("summarize")),
    saving("step without name", "spec.steps[0].name", spec_of(without("name"))),
    saving("step without kind", "spec.steps[0]", spec_of({"name": "a"})),
    step("step of two kinds", "", sleep={"duration": "1s"}),
    step("step field unknown", "colour", colour="red"),
    step("step name number", "name", name=1),
    step("step parameters list", "parameters", parameters=["x"]),
    step("step kind unknown", "action_kind", action_kind="magic"),
    step("store not a name", "store", store="a.b"),
    step("strategy unknown", "edge_matching_strategy", edge_matching_strategy="some"),
    saving("step kind not supported", "spec.steps[0].sleep", spec_of({"name": "a", "sleep": {"duration": "1s"}})),
    step("retry not supported", "retry", retry=[{"max_retries": 3}]),
)

GRAPHS = (
    step("edge to unknown step", "next[0].step", next=[{"step": "nowhere"}]),
    saving("same step name twice", "spec.steps[1].name", spec_of(STEP, STEP)),
    saving("unreachable step", "spec.steps[1]", spec_of({**STEP, "next": [{"step": "a"}]}, SECOND)),
    saving("start at unknown step", "spec.start_at", spec_of(STEP, start_at="nowhere")),
    step("edge without step", "next[0].step", next=[{}]),
    step("condition syntax", "next[0].condition", next=[{"step": "a", "condition": "inputs.x =="}]),
    step("condition unknown name", "next[0].condition", next=[{"step": "a", "condition": "weather.sunny"}]),
    saving("input of unknown type", "spec.inputs[0].type", spec_of(STEP, inputs=[{"name": "x", "type": "date"}])),
    saving(
        "input default of another type",
        "spec.inputs[0].default",
        spec_of(STEP, inputs=[{"name": "x", "type": "integer", "default": "one"}]),
    ),
    saving(
        "input twice",
        "spec.inputs[1].name",
        spec_of(STEP, inputs=[{"name": "x", "type": "string"}, {"name": "x", "type": "string"}]),
    ),
    saving(
        "output of nothing stored",
        "spec.outputs[0].variable",
        spec_of(STEP, outputs=[{"name": "x", "variable": "never_stored"}]),
    ),
)

EXPRESSIONS = (
    saving(
        "unknown input",
        "spec.steps[0].parameters.doc_id",
        spec_of({**STEP, "parameters": {"doc_id": "${inputs.nobody}"}}, inputs=[{"name": "doc_id", "type": "string"}]),
    ),
    templated("unknown variable", "${state.nobody}"),
    templated("unknown root", "${weather.sunny}"),
    templated("syntax", "${inputs.doc_id +}"),
    templated("unclosed", "Summary of ${inputs.doc_id"),
    templated("empty", "${}"),
    templated("too long", "${'" + "x" * 3_000 + "'}"),
    templated("nested loops", "${[1].map(a, [1].map(b, a + b))}"),
)

ACTIONS = (
    step("action unknown", "action", action="nobody-registered-this"),
    step("action name number", "action", action=7),
    step("platform action as worker", "action_kind", action="slack.post-message", parameters={}),
    step("literal breaks the schema", "parameters.doc_id", parameters={"doc_id": 7}),
    step("literal field unknown", "parameters.colour", parameters={"doc_id": "x", "colour": "red"}),
    step("literal field missing", "parameters", parameters={}),
)

INLINE = (
    Case("inline: no mode", "POST", "runs", {"spec": spec_of(STEP)}, "mode"),
    Case("inline: unknown mode", "POST", "runs", {"mode": "later", "spec": spec_of(STEP)}, "mode"),
    Case("inline: no spec", "POST", "runs", {"mode": "inline"}, "spec"),
    Case("inline: saved and a spec", "POST", "runs", {"mode": "saved", "spec": spec_of(STEP)}, "definition_id"),
    Case(
        "inline: unknown action",
        "POST",
        "runs",
        {"mode": "inline", "spec": spec_of({"name": "a", "action": "nobody-registered-this"})},
        "spec.steps[0].action",
    ),
    Case(
        "inline: literal breaks the schema",
        "POST",
        "runs",
        {"mode": "inline", "spec": spec_of({**STEP, "parameters": {"doc_id": ""}})},
        "spec.steps[0].parameters.doc_id",
    ),
    Case("change: spec of no steps", "PATCH", "workflows/{workflow}", {"spec": spec_of()}, "spec.steps"),
    Case("change: unknown field", "PATCH", "workflows/{workflow}", {"version": 7}, "version"),
    Case("change: handle", "PATCH", "workflows/{workflow}", {"handle": "other"}, "handle"),
)

CASES = (*SHAPES, *GRAPHS, *EXPRESSIONS, *ACTIONS, *INLINE)
