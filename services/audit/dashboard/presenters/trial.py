"""One action tried out: the run of one step that does it, and what the action would not take."""

from typing import Final

from libs.chassis.decider import Rejected
from libs.contracts.codec import Json, JsonObject
from libs.contracts.schema_gate import UnfitSchema, compile_schema
from services.audit.dashboard.refusals import refused
from services.audit.domain.action_cards import ActionCard

PARAMETERS: Final = "parameters"
"""What their form is called."""
STEP: Final = "try"
MOST_NAME: Final = 128
"""Characters of a workflow's name."""


def run_of(card: ActionCard, parameters: JsonObject, *, dry: bool) -> JsonObject:
    """The body that starts a run with this one step."""
    kind = "server" if card.source == "platform" else "worker"
    step: JsonObject = {"name": STEP, "action": card.name, "action_kind": kind, "store": "result"}
    step["parameters"] = literally(parameters)
    outputs: list[Json] = [{"name": "result", "variable": "result"}]
    spec: JsonObject = {"name": f"try {card.name}"[:MOST_NAME], "steps": [step], "outputs": outputs}
    return {"mode": "inline", "spec": spec, **({"dry_run": True} if dry else {})}


def literally(value: Json) -> Json:
    """The value as a step's parameters have to say it: what looks like an expression is none."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, list):
        return [literally(item) for item in value]
    return {name: literally(item) for name, item in value.items()} if isinstance(value, dict) else value


def beginning(schema: JsonObject | None) -> JsonObject:
    """The document to begin with: an example of the schema's own, if it has one."""
    examples = (schema or {}).get("examples")
    first = examples[0] if isinstance(examples, list) and examples else None
    return first if isinstance(first, dict) else {}


def unaccepted(schema: JsonObject | None, parameters: JsonObject) -> Rejected | None:
    """What the action's own gate would hold against the parameters: a run would end with it at once."""
    if schema is None:
        return None
    try:
        found = compile_schema(schema).violations(parameters)
    except UnfitSchema:
        return None
    problems = [(_place(one.pointer), one.message) for one in found]
    return refused(problems) if problems else None


def _place(pointer: str) -> str:
    """`/doc/id` is within the field of `doc`."""
    names = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return ".".join([PARAMETERS, *names])
