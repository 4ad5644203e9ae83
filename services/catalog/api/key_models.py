"""What goes over the wire of API keys. The field names are the public contract."""

from datetime import UTC, datetime
from typing import Final, Literal

from pydantic import AwareDatetime, Field, field_validator

from libs.chassis.http import Body, Page
from libs.contracts.events.catalog import Role
from services.catalog.api.models import Answer
from services.catalog.domain.keys import KeyStatus

MAX_NAME_CHARS: Final = 128
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 9998
"""Every zone has these moments, whatever its offset."""


class CreateApiKeyRequest(Body):
    """A key to issue."""

    name: str = Field(min_length=1, max_length=MAX_NAME_CHARS, description="What people call it.")
    role: Role = Field(description="What it may do; each of `viewer`, `worker`, `author`, `admin` may more.")
    project: str | None = Field(
        None, max_length=128, description="The handle of the one project that it opens; absent: all of them."
    )
    expires_at: AwareDatetime | None = Field(
        None,
        description="When it stops being valid, RFC 3339 with a zone; absent: never. A key that expires itself has to"
        " give one, and none after its own.",
    )

    @field_validator("expires_at")
    @classmethod
    def _is_a_moment_of_ours(cls, value: datetime | None) -> datetime | None:
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise ValueError(f"expected a moment from {FIRST_YEAR} to {LAST_YEAR}, but it is in the year {value.year}")
        return None if value is None else value.astimezone(UTC)


class ApiKeysPage(Page):
    """Which keys."""

    project: str | None = Field(None, max_length=128, description="Only the keys of this project.")
    status: KeyStatus | Literal["all"] = Field("active", description="Only those that stand so.")


class ApiKeyResponse(Answer):
    """An API key, without the key."""

    id: str
    name: str
    role: Role = Field(description="What it may do.")
    project: str | None = Field(None, description="The one project that it opens; absent: all of them.")
    status: KeyStatus = Field(description="`active`, `expired` or `revoked`.")
    created_by: str | None = Field(None, description="The key that made it; absent: it is from the settings.")
    created_at: datetime
    expires_at: datetime | None = Field(None, description="When it stops being valid; absent: never.")
    revoked_at: datetime | None = Field(None, description="When it was revoked; absent: it was not.")
    last_used_at: datetime | None = Field(
        None, description="When it was last used, to about a minute; absent: it was not, as far as is known."
    )


class CreatedApiKeyResponse(ApiKeyResponse):
    """A key that was just made."""

    key: str = Field(description="The key, this one time.")


class ApiKeyListResponse(Answer):
    """A page of keys, newest first."""

    items: list[ApiKeyResponse]
    next_cursor: str | None = None
    has_more: bool
