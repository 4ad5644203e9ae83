"""The wire's WorkflowSpec: names, types and nothing unknown. What the parts mean together is checked in `checks`."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from libs.contracts.codec import JsonObject
from libs.contracts.payload import JsonValue
from services.engine.domain.limits import (
    DESCRIPTION_CHARACTERS,
    EDGES_PER_STEP,
    EXPRESSION_BYTES,
    INPUTS_PER_SPEC,
    NAME_CHARACTERS,
    OUTPUTS_PER_SPEC,
    STEPS_PER_SPEC,
)
from services.engine.domain.problems import Problem, at

Name = Annotated[str, Field(min_length=1, max_length=NAME_CHARACTERS)]
Description = Annotated[str, Field(max_length=DESCRIPTION_CHARACTERS)]
Condition = Annotated[str, Field(min_length=1, max_length=EXPRESSION_BYTES + len("${}"))]
StepShape = Literal["action", "join", "sleep", "wait_signal", "pause", "interaction"]

SHAPES: tuple[StepShape, ...] = ("action", "join", "sleep", "wait_signal", "pause", "interaction")
OF_ACTIONS = ("action_kind", "store", "parameters", "retry", "catch")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class InputSpec(_Part):
    """One declared input. A `default` that is given, even as null, makes it optional."""

    name: Name
    type: Name
    description: Description | None = None
    default: JsonValue = None

    @property
    def has_default(self) -> bool:
        return "default" in self.model_fields_set


class OutputSpec(_Part):
    name: Name
    variable: Name
    branch: Name | None = None
    description: Description | None = None


class EdgeSpec(_Part):
    step: Name
    condition: Condition | None = None
    branch: Name | None = None


class Layout(_Part):
    x: float | None = None
    y: float | None = None


class EachSpec(_Part):
    items: JsonValue
    as_: Name | None = Field(default=None, alias="as")


class JoinSpec(_Part):
    branches: list[Name] | None = None
    count: int | None = Field(default=None, ge=0)
    branch_mappings: dict[str, str] | None = None


class SleepSpec(_Part):
    duration: str


class WaitSignalSpec(_Part):
    topic: Name
    timeout: str
    store: Name | None = None
    on_timeout: Name | None = None


class PauseSpec(_Part):
    reason: Description | None = None


class InteractionSpec(_Part):
    type: Literal["approval", "review", "input"]
    message: str
    target: dict[str, JsonValue]
    timeout: str
    context: dict[str, JsonValue] | None = None
    spec: dict[str, JsonValue] | None = None
    require_all: bool | None = None


class RetrySpec(_Part):
    error_equals: list[Name] | None = None
    max_retries: int | None = Field(default=None, ge=0)
    base_delay: str | None = None
    max_delay: str | None = None
    backoff_rate: float | None = None
    jitter_strategy: Literal["NONE", "FULL"] | None = None
    timeout: str | None = None


class CatchSpec(_Part):
    error_equals: list[Name]
    next: Name
    store: Name | None = None


class StepSpec(_Part):
    """One step: exactly one of the shapes, and fields that belong to it."""

    name: Name
    description: Description | None = None
    next: list[EdgeSpec] | None = Field(default=None, max_length=EDGES_PER_STEP)
    edge_matching_strategy: Literal["all", "first"] | None = None
    each: EachSpec | None = None
    layout: Layout | None = None

    action: Name | None = None
    action_kind: Literal["worker", "server"] | None = None
    store: Name | None = None
    parameters: dict[str, JsonValue] | None = None
    retry: list[RetrySpec] | None = None
    catch: list[CatchSpec] | None = None

    join: JoinSpec | None = None
    sleep: SleepSpec | None = None
    wait_signal: WaitSignalSpec | None = None
    pause: PauseSpec | None = None
    interaction: InteractionSpec | None = None

    @property
    def shapes(self) -> list[StepShape]:
        return [shape for shape in SHAPES if getattr(self, shape) is not None]


class WorkflowSpec(_Part):
    name: Name
    description: Description | None = None
    start_at: Name | None = None
    inputs: list[InputSpec] = Field(default=[], max_length=INPUTS_PER_SPEC)
    outputs: list[OutputSpec] = Field(default=[], max_length=OUTPUTS_PER_SPEC)
    state: dict[str, JsonValue] = {}
    steps: list[StepSpec] = Field(min_length=1, max_length=STEPS_PER_SPEC)


def parse(raw: JsonObject) -> WorkflowSpec | list[Problem]:
    """The spec, or everything about its shape that is wrong."""
    try:
        return WorkflowSpec.model_validate(raw)
    except ValidationError as error:
        return [_problem(raw, detail) for detail in error.errors(include_url=False)]


def _problem(raw: JsonObject, detail: ErrorDetails) -> Problem:
    location = detail["loc"]
    return Problem(at("spec", location), _sentence(detail), _step_name(raw, location))


def _sentence(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return f"expected a known field, but {str(detail['loc'][-1])!r} is none"
    if detail["type"] == "missing":
        return "expected a value, but it is missing"
    return f"expected {_WANTED.get(detail['type']) or _wanted(detail['msg'])}, but got {_described(detail['input'])}"


_WANTED = {
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "bool_type": "true or false",
    "int_type": "an integer",
    "float_type": "a number",
}
"""Types as JSON calls them; other offences are put as the library does."""


def _wanted(message: str) -> str:
    """`at least 1 character` from `String should have at least 1 character`."""
    wanted = (message.partition(" should ")[2] or message).removeprefix("be ").removeprefix("have ")
    return wanted.partition(" after validation")[0]


def _described(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool() | int() | float():
            return str(value).lower()
        case str():
            return f"{value!r}" if len(value) <= NAME_CHARACTERS // 2 else f"{len(value)} characters"
        case list():
            return f"a list of {len(value)}"
        case _:
            return "an object"


def _step_name(raw: JsonObject, location: tuple[str | int, ...]) -> str | None:
    """The name of the step that this location is in, if it has one."""
    steps = raw.get("steps")
    match location:
        case ("steps", int(index), *_) if isinstance(steps, list):
            step = steps[index]
            name = step.get("name") if isinstance(step, dict) else None
            return name if isinstance(name, str) else None
    return None
