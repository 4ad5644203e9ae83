"""What goes over the wire of projects. The field names are the public contract."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, RootModel

from libs.chassis.http import Body, Query
from libs.contracts.events.catalog import AccessMode, ConfigEntry
from services.catalog.api.models import MAX_DESCRIPTION_CHARS, Answer

MAX_NAME_CHARS = 128
MAX_ENTRIES = 100

NAME = Field(min_length=1, max_length=MAX_NAME_CHARS, description="What people call it.")


class CreateProjectRequest(Body):
    """A project to make."""

    name: str = NAME
    handle: str | None = Field(
        None, description="The name in addresses, unique and for ever; made from the name when it is absent."
    )
    description: str | None = Field(None, max_length=MAX_DESCRIPTION_CHARS, description="What it is for.")
    access_mode: AccessMode | None = Field(
        None, description="`org_open` to all keys of the installation (the default), or `restricted` to its members."
    )
    tags: dict[str, str] | None = Field(None, description="Names with values, to find it by; at most 8.")


class UpdateProjectRequest(Body):
    """What is left out stays as it is."""

    name: str | None = Field(None, min_length=1, max_length=MAX_NAME_CHARS, description="Another name.")
    description: str | None = Field(
        None, max_length=MAX_DESCRIPTION_CHARS, description="Another description; empty: none."
    )
    access_mode: AccessMode | None = Field(None, description="To whom it is open.")
    seed_existing_members: bool | None = Field(
        None, description="When it becomes restricted: all keys of the installation become members first."
    )
    tags: dict[str, str] | None = Field(None, description="All tags, as they shall be.")


class ProjectsPage(Query):
    """Which projects."""

    search: str | None = Field(None, max_length=MAX_NAME_CHARS, description="Only where name or handle begins so.")
    status: Literal["active", "archived", "all"] = Field("active", description="Archived ones too, or only those.")
    tag: list[str] = Field([], description="`key:value`, `key:*` or `key:a,b`; several must all hold.")
    cursor: str | None = Field(None, max_length=1_024, description="Where to go on: X-Next-Cursor of the page before.")
    limit: int = Field(100, ge=1, le=100, description="How many items at most.")


class ProjectResponse(Answer):
    """A project."""

    id: str
    name: str
    handle: str = Field(description="The name in addresses.")
    description: str | None = None
    access_mode: AccessMode = Field(description="To whom it is open.")
    created_by: str | None = Field(None, description="The key that made it.")
    archived_at: datetime | None = Field(None, description="Since when it takes nothing new; absent: it is active.")
    tags: dict[str, str] = Field(description="Names with values, to find it by.")
    created_at: datetime
    updated_at: datetime


class ProjectListResponse(Answer):
    """Projects, newest first. The header `X-Next-Cursor` is there when there are more."""

    items: list[ProjectResponse]


class ConfigEntryBody(Body):
    """One setting of a project."""

    category: str = Field(max_length=64, description="`timeouts`, the one there is.")
    key: str = Field(max_length=64, description="`liveness`: how long a worker may be silent before its jobs go on.")
    value: str = Field(max_length=256, description="A duration such as `90s` or `5m`, from 3 s to 1 h.")


class ConfigEntries(RootModel[Annotated[list[ConfigEntryBody], Field(max_length=MAX_ENTRIES)]]):
    """All settings of a project."""

    model_config = ConfigDict(frozen=True, strict=True)

    @classmethod
    def of(cls, config: Sequence[ConfigEntry]) -> "ConfigEntries":
        """As they are kept."""
        return cls([ConfigEntryBody(category=one.category, key=one.key, value=one.value) for one in config])

    def entries(self) -> Sequence[ConfigEntry]:
        """As events carry them."""
        return [ConfigEntry(category=one.category, key=one.key, value=one.value) for one in self.root]


class AddProjectMemberRequest(Body):
    """Who becomes a member."""

    user_id: str = Field(max_length=128, description="The id of an API key: Mobius knows keys, not people.")


class ProjectMemberResponse(Answer):
    """A key that may use the project while it is restricted."""

    id: str = Field(description="Of the membership.")
    project_id: str = Field(description="The project.")
    user_id: str = Field(description="The key, `key_…`.")
    added_by_actor_type: str | None = Field(None, description="`api_key`.")
    added_by_actor_id: str | None = Field(None, description="The key that added it.")
    added_at: datetime = Field(description="Since when; of the project's own keys: when they were issued.")


class ProjectMemberListResponse(Answer):
    """A page of members."""

    items: list[ProjectMemberResponse]
    has_more: bool
    next_cursor: str | None = None
