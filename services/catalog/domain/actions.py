"""A project's action: how it is registered, and what it is after what happened to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from libs.chassis.decider import Rejected
from libs.contracts.envelope import Event
from libs.contracts.events.catalog import (
    ActionCreated,
    ActionDeleted,
    ActionSecretRotated,
    ActionSecretStaged,
    ActionState,
    ActionUpdated,
    Annotations,
    PendingSecret,
    SealedSecret,
)
from libs.contracts.payload import JsonValue, Payload
from libs.contracts.schema_gate import check_schema
from libs.contracts.target_urls import check_url
from libs.contracts.targets import TargetPolicy
from services.catalog.domain.names import action_name_problem
from services.catalog.domain.problems import Problem, below, refusal

Schema = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Action:
    """What the catalog knows of an action. Its signing secret is not part of it. `version` is the sequence of the last
    event of its stream."""

    action_id: str
    project: str
    name: str
    title: str | None
    description: str | None
    endpoint_url: str
    input_schema: Schema | None
    output_schema: Schema | None
    annotations: Annotations | None
    secret_version: int
    created_at: datetime
    updated_at: datetime
    version: int = 1

    @property
    def tag(self) -> str:
        """Tells this state of this action from every other one, also of an action that had the name before."""
        return f"{self.action_id}.{self.version}"

    @property
    def key(self) -> str:
        """The key of its events and of its state."""
        return action_key(self.project, self.name)


@dataclass(frozen=True, slots=True)
class CreateAction:
    """Register an action. `action_id` and `secret` were made for it; `targets` is where endpoints may point to."""

    action_id: str
    name: str
    endpoint_url: str
    secret: SealedSecret
    targets: TargetPolicy
    title: str | None = None
    description: str | None = None
    input_schema: Schema | None = None
    output_schema: Schema | None = None
    annotations: Annotations | None = None


def decide(state: Action | None, command: CreateAction, _now: datetime) -> Sequence[ActionCreated] | Rejected:
    """`state` is the action that has the name already, if there is one."""
    problems = list(_problems(command))
    if problems:
        return refusal(problems)
    if state is not None:
        sentence = f"expected a name that is free in this project, but {command.name} is taken"
        return Rejected("already_exists", sentence, field="name")
    return [
        ActionCreated(
            action_id=command.action_id,
            name=command.name,
            title=command.title,
            description=command.description,
            endpoint_url=command.endpoint_url,
            input_schema=command.input_schema,
            output_schema=command.output_schema,
            annotations=command.annotations,
            secret_version=command.secret.version,
        )
    ]


def evolve(state: Action | None, event: Event[Payload]) -> Action | None:
    """The action after one of its events. The envelope tells the project and the time."""
    match event.data:
        case ActionCreated() as created:
            return Action(
                action_id=created.action_id,
                project=event.project,
                name=created.name,
                title=created.title,
                description=created.description,
                endpoint_url=created.endpoint_url,
                input_schema=created.input_schema,
                output_schema=created.output_schema,
                annotations=created.annotations,
                secret_version=created.secret_version,
                created_at=event.time,
                updated_at=event.time,
                version=event.sequence,
            )
        case ActionUpdated() as updated if state is not None:
            return replace(
                state,
                title=updated.title,
                description=updated.description,
                endpoint_url=updated.endpoint_url,
                input_schema=updated.input_schema,
                output_schema=updated.output_schema,
                annotations=updated.annotations,
                updated_at=event.time,
                version=event.sequence,
            )
        case ActionSecretRotated() as rotated if state is not None:
            return replace(state, secret_version=rotated.secret_version, updated_at=event.time, version=event.sequence)
        case ActionSecretStaged() if state is not None:
            return replace(state, version=event.sequence)
        case ActionDeleted():
            return None
        case _:
            return state


def announcement(action: Action, secrets: Sequence[SealedSecret], pending: PendingSecret | None = None) -> ActionState:
    """The record that other services keep a replica of."""
    return ActionState(
        action_id=action.action_id,
        project=action.project,
        name=action.name,
        title=action.title,
        description=action.description,
        endpoint_url=action.endpoint_url,
        input_schema=action.input_schema,
        output_schema=action.output_schema,
        annotations=action.annotations,
        secrets=list(secrets),
        pending_secret=pending,
    )


def changed(last: ActionState, action: Action) -> ActionState:
    """The state after `last`, when the action was changed. What is said of its secrets stays."""
    return last.model_copy(
        update={
            "title": action.title,
            "description": action.description,
            "endpoint_url": action.endpoint_url,
            "input_schema": action.input_schema,
            "output_schema": action.output_schema,
            "annotations": action.annotations,
        }
    )


def deleted(last: ActionState) -> ActionState:
    """The state after `last`, when the action is gone: none of its secrets is in it."""
    return last.model_copy(update={"secrets": [], "pending_secret": None, "deleted": True})


def action_key(project: str, name: str) -> str:
    """What an action's events are ordered by, and the key of its state."""
    return f"{project}/{name}"


def state_stream(project: str, name: str) -> str:
    """The stream of an action's states; it outlives the action, so that a name can be used again."""
    return f"action-state/{project}/{name}"


def _problems(command: CreateAction) -> Iterator[Problem]:
    sentence = action_name_problem(command.name)
    if sentence is not None:
        yield Problem("name", sentence)
    yield from url_problems(command.endpoint_url, command.targets)
    yield from schema_problems("input_schema", command.input_schema)
    yield from schema_problems("output_schema", command.output_schema)
    yield from annotation_problems(command.annotations)


def url_problems(url: str, targets: TargetPolicy) -> Iterator[Problem]:
    """What speaks against this endpoint, as far as its text tells."""
    refused = check_url(url, targets)
    if refused is not None:
        yield Problem("endpoint_url", refused.sentence)


def annotation_problems(annotations: Annotations | None) -> Iterator[Problem]:
    """Promises that contradict each other."""
    if annotations is not None and annotations.destructive and annotations.read_only:
        yield Problem("annotations", "expected destructive or read_only, but both are true")


def schema_problems(field: str, schema: Schema | None) -> Iterator[Problem]:
    """What speaks against this schema, each with its place in it."""
    if schema is not None:
        for problem in check_schema(schema):
            yield Problem(below(field, problem.path), problem.sentence)
