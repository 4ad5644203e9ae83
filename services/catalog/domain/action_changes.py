"""How an action is changed and deleted, and what of a change may break those who depend on it."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from libs.chassis.decider import Rejected, outdated
from libs.contracts.codec import Json, dump_json
from libs.contracts.events.catalog import AcceptedBreaking, ActionDeleted, ActionUpdated, Annotations
from libs.contracts.schema_compat import Reason, compare_input, compare_output
from libs.contracts.targets import TargetPolicy
from services.catalog.domain.actions import Action, Schema, annotation_problems, schema_problems, url_problems
from services.catalog.domain.problems import Problem, below, refusal

GONE: Final = Rejected("not_found", "expected an action of this project, but there is none of this name")
FINDINGS_REPORTED: Final = 20


class Unchanged(Enum):
    """Stands where None is a value of its own."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True)
class UpdateAction:
    """Change an action. What is None stays as it is; `annotations` None: none any more. `wanted` are the tags that the
    action may have, None: any. `accept_breaking` is why a breaking change is wanted."""

    targets: TargetPolicy
    title: str | None = None
    description: str | None = None
    endpoint_url: str | None = None
    input_schema: Schema | None = None
    output_schema: Schema | None = None
    annotations: Annotations | Unchanged | None = UNCHANGED
    accept_breaking: str | None = None
    wanted: Set[str] | None = None


@dataclass(frozen=True, slots=True)
class DeleteAction:
    """Take an action away. Whether somebody depends on it is not known here."""

    wanted: Set[str] | None = None


def decide_update(state: Action | None, command: UpdateAction, _now: datetime) -> Sequence[ActionUpdated] | Rejected:
    """The event that follows; none if the action is already so."""
    if state is None:
        return GONE
    refused = outdated(state.tag, command.wanted)
    if refused is not None:
        return refused
    problems = list(_problems(command))
    if problems:
        return refusal(problems)
    said = _updated(state, command)
    findings = _findings(state, said)
    if findings and command.accept_breaking is None:
        return breaking(state.name, findings)
    accepted = _accepted(command.accept_breaking, findings)
    return [said.model_copy(update={"accepted_breaking": accepted})] if said.changed else []


def decide_delete(state: Action | None, command: DeleteAction, _now: datetime) -> Sequence[ActionDeleted] | Rejected:
    """That the action is gone, if it is there as the caller knows it."""
    if state is None:
        return GONE
    refused = outdated(state.tag, command.wanted)
    return refused if refused is not None else [ActionDeleted(action_id=state.action_id, name=state.name)]


def breaking(name: str, findings: Sequence[Problem]) -> Rejected:
    """The refusal of a change that may break dependents, with what was found."""
    first = findings[0]
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    sentence = (
        f"expected a change that nobody who uses {name} can notice, or ?accept_breaking=<reason>, but "
        f"{first.field}: {first.sentence}{more}"
    )
    reasons: list[Json] = [{"field": one.field, "message": one.sentence} for one in findings[:FINDINGS_REPORTED]]
    return Rejected("invalid_state", sentence, first.field, code="breaking_change", details={"reasons": reasons})


def _updated(state: Action, command: UpdateAction) -> ActionUpdated:
    annotations = state.annotations if command.annotations is UNCHANGED else command.annotations
    said = ActionUpdated(
        action_id=state.action_id,
        name=state.name,
        title=state.title if command.title is None else command.title,
        description=state.description if command.description is None else command.description,
        endpoint_url=state.endpoint_url if command.endpoint_url is None else command.endpoint_url,
        input_schema=state.input_schema if command.input_schema is None else command.input_schema,
        output_schema=state.output_schema if command.output_schema is None else command.output_schema,
        annotations=annotations,
        changed=[],
    )
    before, after = _values(state), _values(said)
    return said.model_copy(update={"changed": [name for name in after if after[name] != before[name]]})


def _values(of: Action | ActionUpdated) -> Mapping[str, bytes]:
    """By their bytes: 1, 1.0 and true are equal, but not the same."""
    annotations = None if of.annotations is None else of.annotations.model_dump()
    values: dict[str, object] = {
        "title": of.title,
        "description": of.description,
        "endpoint_url": of.endpoint_url,
        "input_schema": of.input_schema,
        "output_schema": of.output_schema,
        "annotations": annotations,
    }
    return {name: dump_json(value) for name, value in values.items()}


def _problems(command: UpdateAction) -> Iterator[Problem]:
    if command.endpoint_url is not None:
        yield from url_problems(command.endpoint_url, command.targets)
    yield from schema_problems("input_schema", command.input_schema)
    yield from schema_problems("output_schema", command.output_schema)
    if command.annotations is not UNCHANGED:
        yield from annotation_problems(command.annotations)


def _findings(state: Action, said: ActionUpdated) -> list[Problem]:
    """What of the change somebody may notice who relied on the schemas as they were."""
    found: list[Problem] = []
    if "input_schema" in said.changed:
        found += _placed("input_schema", compare_input(state.input_schema, said.input_schema).reasons)
    if "output_schema" in said.changed:
        found += _placed("output_schema", compare_output(state.output_schema, said.output_schema).reasons)
    return found


def _placed(field: str, reasons: Sequence[Reason]) -> list[Problem]:
    return [Problem(below(field, reason.path), reason.sentence) for reason in reasons]


def _accepted(reason: str | None, findings: Sequence[Problem]) -> AcceptedBreaking | None:
    if reason is None or not findings:
        return None
    told = [f"{one.field}: {one.sentence}" for one in findings[:FINDINGS_REPORTED]]
    return AcceptedBreaking(reason=reason, findings=told)
