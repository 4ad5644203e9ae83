"""A project: the room that everything else lives in, and what it is after what happened to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from libs.contracts.envelope import Event
from libs.contracts.events.catalog import (
    AccessMode,
    ConfigEntry,
    ProjectArchived,
    ProjectConfigured,
    ProjectCreated,
    ProjectDeleted,
    ProjectMemberAdded,
    ProjectMemberRemoved,
    ProjectRestored,
    ProjectState,
    ProjectUpdated,
)
from libs.contracts.payload import Payload


@dataclass(frozen=True, slots=True)
class Member:
    """A key of the whole installation that may use the project while it is restricted."""

    key_id: str
    added_at: datetime
    added_by: str | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """What the catalog knows of a project. `version` is the sequence of its last event."""

    project_id: str
    handle: str
    name: str
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    access_mode: AccessMode = "org_open"
    tags: Mapping[str, str] = field(default_factory=dict)
    config: Sequence[ConfigEntry] = ()
    members: Mapping[str, Member] = field(default_factory=dict)
    created_by: str | None = None
    archived_at: datetime | None = None
    deleted_at: datetime | None = None
    version: int = 1


def evolve(state: Project | None, event: Event[Payload]) -> Project | None:
    """The project after one of its events, whose envelope tells the time and who did it."""
    if isinstance(event.data, ProjectCreated):
        return _created(event.data, event)
    if state is None:
        return None
    changed = _changed(state, event)
    return changed if changed is state else replace(changed, updated_at=event.time, version=event.sequence)


def announcement(project: Project) -> ProjectState:
    """The record that other services keep a replica of."""
    return ProjectState(
        project_id=project.project_id,
        handle=project.handle,
        name=project.name,
        archived=project.archived_at is not None,
        deleted=project.deleted_at is not None,
        access_mode=project.access_mode,
        members=list(project.members),
        config=list(project.config),
    )


def state_stream(handle: str) -> str:
    """The stream of a project's states."""
    return f"project-state/{handle}"


def _created(said: ProjectCreated, event: Event[Payload]) -> Project:
    return Project(
        project_id=said.project_id,
        handle=said.handle,
        name=said.name,
        created_at=event.time,
        updated_at=event.time,
        description=said.description,
        access_mode=said.access_mode,
        tags=said.tags,
        created_by=event.actor,
        version=event.sequence,
    )


def _changed(state: Project, event: Event[Payload]) -> Project:
    match event.data:
        case ProjectUpdated() as said:
            return replace(
                state,
                name=said.name,
                description=said.description,
                access_mode=said.access_mode,
                tags=said.tags,
            )
        case ProjectArchived():
            return replace(state, archived_at=event.time)
        case ProjectRestored():
            return replace(state, archived_at=None)
        case ProjectDeleted():
            return replace(state, deleted_at=event.time)
        case ProjectConfigured() as said:
            return replace(state, config=tuple(said.config))
        case ProjectMemberAdded() | ProjectMemberRemoved() as said:
            return replace(state, members=_members(state.members, said, event))
        case _:
            return state


def _members(
    before: Mapping[str, Member], said: ProjectMemberAdded | ProjectMemberRemoved, event: Event[Payload]
) -> Mapping[str, Member]:
    others = {key_id: member for key_id, member in before.items() if key_id != said.key_id}
    if isinstance(said, ProjectMemberRemoved):
        return others
    return {**others, said.key_id: Member(said.key_id, event.time, event.actor)}
