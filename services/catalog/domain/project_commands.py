"""What may be asked of a project, and what comes of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias

from libs.chassis.decider import Rejected
from libs.contracts.events.catalog import (
    AccessMode,
    ConfigEntry,
    ProjectArchived,
    ProjectConfigured,
    ProjectCreated,
    ProjectDeleted,
    ProjectMemberAdded,
    ProjectRestored,
    ProjectUpdated,
)
from libs.contracts.payload import Payload
from libs.contracts.project_config import config_problems
from libs.contracts.refusals import ARCHIVED_CODE, ARCHIVED_SENTENCE
from libs.contracts.tags import tag_problem
from services.catalog.domain.names import derived_handle, handle_problem, label_problem
from services.catalog.domain.problems import Problem, refusal
from services.catalog.domain.project_members import AddMember, RemoveMember, add_member, remove_member, seeded
from services.catalog.domain.projects import Project

ARCHIVED: Final = Rejected("invalid_state", ARCHIVED_SENTENCE, code=ARCHIVED_CODE)
NOT_ARCHIVED: Final = Rejected(
    "invalid_state", "expected an archived project, but it is active: archive it first", code="project_not_archived"
)
GONE: Final = Rejected("not_found", "expected a project, but there is none")


@dataclass(frozen=True, slots=True)
class CreateProject:
    """Make a room. `project_id` was made for it; without a handle it is made from the name."""

    project_id: str
    name: str
    handle: str | None = None
    description: str | None = None
    access_mode: AccessMode = "org_open"
    tags: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class UpdateProject:
    """None leaves as it is; an empty description takes it away. `seed` are the keys of the whole installation, where
    all of them shall stay members when the project becomes restricted."""

    name: str | None = None
    description: str | None = None
    access_mode: AccessMode | None = None
    tags: Mapping[str, str] | None = None
    seed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ArchiveProject:
    """Let it take nothing new."""


@dataclass(frozen=True, slots=True)
class RestoreProject:
    """Let it take new work again."""


@dataclass(frozen=True, slots=True)
class DeleteProject:
    """End it for good."""


@dataclass(frozen=True, slots=True)
class ConfigureProject:
    """Replace all of its settings."""

    config: Sequence[ConfigEntry]


ProjectCommand: TypeAlias = (
    UpdateProject | ArchiveProject | RestoreProject | DeleteProject | ConfigureProject | AddMember | RemoveMember
)


def decide_creation(taken: Project | None, command: CreateProject, _now: datetime) -> Sequence[Payload] | Rejected:
    """`taken` is the project that has the handle already, or had it before it was deleted."""
    handle = handle_of(command)
    problems = list(_problems(command, handle))
    if problems:
        return refusal(problems)
    if taken is not None:
        return Rejected("already_exists", f"expected a handle that is free, but {handle} is taken", field="handle")
    return [
        ProjectCreated(
            project_id=command.project_id,
            handle=handle,
            name=command.name,
            description=command.description or None,
            access_mode=command.access_mode,
            tags=dict(command.tags or {}),
        )
    ]


def decide(state: Project | None, command: ProjectCommand, _now: datetime) -> Sequence[Payload] | Rejected:
    """No events: it is so already."""
    if state is None or state.deleted_at is not None:
        return GONE
    match command:
        case ArchiveProject():
            said = ProjectArchived(project_id=state.project_id, handle=state.handle)
            return [said] if state.archived_at is None else []
        case RestoreProject():
            back = ProjectRestored(project_id=state.project_id, handle=state.handle)
            return [back] if state.archived_at is not None else []
        case DeleteProject():
            if state.archived_at is None:
                return NOT_ARCHIVED
            return [ProjectDeleted(project_id=state.project_id, handle=state.handle)]
    return ARCHIVED if state.archived_at is not None else _edit(state, command)


def handle_of(command: CreateProject) -> str:
    """The handle that a new project gets."""
    return derived_handle(command.name) if command.handle is None else command.handle


def _edit(
    state: Project, command: UpdateProject | ConfigureProject | AddMember | RemoveMember
) -> Sequence[Payload] | Rejected:
    match command:
        case UpdateProject():
            return _update(state, command)
        case ConfigureProject():
            return _configure(state, command)
        case AddMember():
            return add_member(state, command)
        case RemoveMember():
            return remove_member(state, command)


def _update(state: Project, command: UpdateProject) -> Sequence[Payload] | Rejected:
    problems = list(_problems(command, state.handle))
    if problems:
        return refusal(problems)
    said = ProjectUpdated(
        project_id=state.project_id,
        handle=state.handle,
        name=state.name if command.name is None else command.name,
        description=state.description if command.description is None else command.description or None,
        access_mode=command.access_mode or state.access_mode,
        tags=dict(state.tags if command.tags is None else command.tags),
    )
    now = (said.name, said.description, said.access_mode, said.tags)
    if now == (state.name, state.description, state.access_mode, dict(state.tags)):
        return []
    restricts = (state.access_mode, said.access_mode) == ("org_open", "restricted")
    added: Sequence[ProjectMemberAdded] | Rejected = seeded(state, command.seed) if restricts else ()
    return replace(added, field="seed_existing_members") if isinstance(added, Rejected) else [said, *added]


def _configure(state: Project, command: ConfigureProject) -> Sequence[Payload] | Rejected:
    problems = [Problem(wrong.field, wrong.sentence) for wrong in config_problems(command.config)]
    if problems:
        return refusal(problems)
    if tuple(command.config) == tuple(state.config):
        return []
    return [ProjectConfigured(project_id=state.project_id, handle=state.handle, config=list(command.config))]


def _problems(command: CreateProject | UpdateProject, handle: str) -> Iterator[Problem]:
    for field, sentence in (("name", label_problem(command.name or "")), ("handle", handle_problem(handle))):
        if sentence is not None:
            yield Problem(field, sentence)
    wrong = tag_problem(command.tags or {})
    if wrong is not None:
        yield Problem(wrong.field, wrong.sentence)
