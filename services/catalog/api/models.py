"""What goes over the wire. The field names are the public contract."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from libs.chassis.http import Body, Query
from libs.contracts.events.catalog import Annotations
from libs.contracts.payload import JsonValue

MAX_TITLE_CHARS = 200
MAX_DESCRIPTION_CHARS = 10_000
MAX_REASON_CHARS = 500


class ActionAnnotationsRequest(Body):
    """How the action may be used safely. What is left out is no promise."""

    idempotent: bool = Field(False, description="The same parameters have the same effect: retried automatically.")
    destructive: bool = Field(False, description="What it does cannot be undone: never retried automatically.")
    read_only: bool = Field(False, description="It changes nothing: retried automatically, executed in dry runs.")

    def record(self) -> Annotations:
        """As events carry it."""
        return Annotations(idempotent=self.idempotent, destructive=self.destructive, read_only=self.read_only)


class CreateActionRequest(Body):
    """An action to register."""

    name: str = Field(description="Lower-case letters, digits and inner hyphens, at most 63; unique in the project.")
    endpoint_url: str = Field(description="The http or https URL that a step's parameters are POSTed to.")
    title: str | None = Field(None, max_length=MAX_TITLE_CHARS, description="What people call it.")
    description: str | None = Field(None, max_length=MAX_DESCRIPTION_CHARS, description="What it does, in Markdown.")
    input_schema: dict[str, JsonValue] | None = Field(None, description="JSON Schema of the parameters.")
    output_schema: dict[str, JsonValue] | None = Field(None, description="JSON Schema of the result.")
    annotations: ActionAnnotationsRequest | None = None


UNCHANGED: Any = None
"""What a field has that was left out. Null is not left out: only where a field says so it means something."""


class UpdateActionRequest(Body):
    """What is left out stays as it is."""

    title: str = Field(UNCHANGED, max_length=MAX_TITLE_CHARS, description="What people call it.")
    description: str = Field(UNCHANGED, max_length=MAX_DESCRIPTION_CHARS, description="What it does, in Markdown.")
    endpoint_url: str = Field(UNCHANGED, description="The http or https URL that parameters are POSTed to.")
    input_schema: dict[str, JsonValue] = Field(UNCHANGED, description="JSON Schema of the parameters, as a whole.")
    output_schema: dict[str, JsonValue] = Field(UNCHANGED, description="JSON Schema of the result, as a whole.")
    annotations: ActionAnnotationsRequest | None = Field(
        UNCHANGED, description="All of them anew: what is left out inside is no promise. Null: none any more."
    )


class UpdateActionQuery(Query):
    """How a change is meant."""

    accept_breaking: str | None = Field(
        None,
        pattern=r"\S",
        max_length=MAX_REASON_CHARS,
        description="Why a change is wanted that dependents may notice; the event `action.updated` keeps it.",
    )


class Answer(BaseModel):
    """The base of answers. Fields without a value are left out."""

    model_config = ConfigDict(frozen=True)


class ActionAnnotationsResponse(Answer):
    """How the action may be used safely."""

    idempotent: bool
    destructive: bool
    read_only: bool


class ActionResponse(Answer):
    """An action of a project."""

    id: str
    name: str
    title: str | None = None
    description: str | None = None
    endpoint_url: str
    input_schema: dict[str, JsonValue] | None = None
    output_schema: dict[str, JsonValue] | None = None
    annotations: ActionAnnotationsResponse | None = None
    signing_secret: str | None = Field(None, description="Answered once, when the action is created.")
    created_at: datetime
    updated_at: datetime


class ActionListResponse(Answer):
    """A page of a project's actions, newest first."""

    items: list[ActionResponse]
    next_cursor: str | None = None
    has_more: bool


class ActionCatalogQuery(Query):
    """Which actions are wanted. Without a limit all of them are answered at once."""

    source: str | None = Field(None, max_length=63, description="Only of this source: `project`, or an integration.")
    integration: str | None = Field(None, max_length=63, description="Only of this integration.")
    search: str | None = Field(None, min_length=1, max_length=200, description="Only with this in name or texts.")
    available: bool | None = Field(None, description="Only those that can, or cannot, be invoked now.")
    cursor: str | None = Field(None, max_length=1_024, description="Where to go on: `next_cursor` of the page before.")
    limit: int | None = Field(None, ge=1, le=200, description="How many at most; absent: all.")


class ActionCatalogEntry(Answer):
    """An action that a step of this project can name, whoever provides it."""

    name: str
    title: str | None = None
    description: str | None = None
    integration: str | None = Field(None, description="The integration that provides it; absent: the project.")
    source: str = Field(description="`project`, or the integration that provides it.")
    available: bool = Field(
        description="Whether it can be invoked now: its integration is connected, and the key may run steps."
    )
    annotations: ActionAnnotationsResponse | None = None
    input_schema: dict[str, JsonValue] | None = None
    output_schema: dict[str, JsonValue] | None = None
    endpoint_url: str | None = None


class ActionCatalogListResponse(Answer):
    """What a step of this project can name, by name."""

    items: list[ActionCatalogEntry]
    next_cursor: str | None = None
    has_more: bool | None = Field(None, description="Whether there is another page; absent where no limit was given.")
