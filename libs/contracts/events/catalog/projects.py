"""Projects: the rooms that actions, workflows, runs and keys live in, and what stands in their settings."""

from typing import ClassVar, Literal

from libs.contracts.payload import Payload, Record

AccessMode = Literal["org_open", "restricted"]


class ConfigEntry(Record):
    """One setting of a project."""

    category: str
    """A group of settings: `timeouts`."""
    key: str
    """The setting within its group."""
    value: str
    """Its value as text, for example `30s`."""


class ProjectCreated(Payload):
    """A project: the room that actions, workflows, runs and keys live in."""

    type: ClassVar[str] = "project.created"

    project_id: str
    handle: str
    name: str
    description: str | None = None
    access_mode: AccessMode = "org_open"
    tags: dict[str, str] = {}


class ProjectUpdated(Payload):
    """A project as it is called and opened after the change. Its handle never changes."""

    type: ClassVar[str] = "project.updated"

    project_id: str
    handle: str
    name: str
    description: str | None = None
    access_mode: AccessMode
    tags: dict[str, str] = {}


class ProjectArchived(Payload):
    """A project takes nothing new from now on; what is under way goes on to its end."""

    type: ClassVar[str] = "project.archived"

    project_id: str
    handle: str


class ProjectRestored(Payload):
    """An archived project takes new work again."""

    type: ClassVar[str] = "project.restored"

    project_id: str
    handle: str


class ProjectDeleted(Payload):
    """A project is gone for good, and nobody reaches what was in it. Its handle is never given again."""

    type: ClassVar[str] = "project.deleted"

    project_id: str
    handle: str


class ProjectConfigured(Payload):
    """The settings of a project, all of them, as they are after the change."""

    type: ClassVar[str] = "project.configured"

    project_id: str
    handle: str
    config: list[ConfigEntry]


class ProjectMemberAdded(Payload):
    """A key of the whole installation may use the project even while that is restricted."""

    type: ClassVar[str] = "project.member_added"

    project_id: str
    handle: str
    key_id: str


class ProjectMemberRemoved(Payload):
    """A key is no member any more, and does not reach the project while that is restricted."""

    type: ClassVar[str] = "project.member_removed"

    project_id: str
    handle: str
    key_id: str


class ProjectState(Payload):
    """The latest of a project; key: its handle."""

    type: ClassVar[str] = "project.state"

    project_id: str
    handle: str
    name: str
    archived: bool = False
    deleted: bool = False
    """The project is gone; its handle stays taken."""
    access_mode: AccessMode = "org_open"
    members: list[str] = []
    """Ids of the keys of the whole installation that may use it while it is restricted."""
    config: list[ConfigEntry] = []
