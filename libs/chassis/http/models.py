"""The bases of what routes accept. Bodies are strict; queries read their values from text; both refuse the unknown."""

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    """A request body: JSON types as they are, no field that is not named."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Query(BaseModel):
    """Query parameters: numbers and booleans are read from text; a list field takes a parameter several times."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(Query):
    """The query of every list: `limit` items after the opaque `cursor` of the page before."""

    cursor: str | None = Field(None, max_length=1_024, description="Where to go on: `next_cursor` of the page before.")
    limit: int = Field(50, ge=1, le=200, description="How many items at most.")
