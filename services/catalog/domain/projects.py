"""A project: the room that everything else lives in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.chassis.decider import Rejected
from libs.contracts.envelope import Event
from libs.contracts.events.catalog import ProjectCreated, ProjectState
from libs.contracts.payload import Payload
from services.catalog.domain.names import handle_problem
from services.catalog.domain.problems import Problem, refusal


@dataclass(frozen=True, slots=True)
class Project:
    """What the catalog knows of a project."""

    project_id: str
    handle: str
    name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CreateProject:
    """Make a room. `project_id` was made for it."""

    project_id: str
    handle: str
    name: str


def decide(state: Project | None, command: CreateProject, _now: datetime) -> Sequence[ProjectCreated] | Rejected:
    """`state` is the project that has the handle already, if there is one."""
    sentence = handle_problem(command.handle)
    if sentence is not None:
        return refusal([Problem("handle", sentence)])
    if state is not None:
        sentence = f"expected a handle that is free, but {command.handle} is taken"
        return Rejected("already_exists", sentence, field="handle")
    return [ProjectCreated(project_id=command.project_id, handle=command.handle, name=command.name)]


def evolve(state: Project | None, event: Event[Payload]) -> Project | None:
    """The project after one of its events."""
    match event.data:
        case ProjectCreated() as created:
            return Project(created.project_id, created.handle, created.name, event.time, event.time)
        case _:
            return state


def announcement(project: Project) -> ProjectState:
    """The record that other services keep a replica of."""
    return ProjectState(project_id=project.project_id, handle=project.handle, name=project.name)


def state_stream(handle: str) -> str:
    """The stream of a project's states."""
    return f"project-state/{handle}"
