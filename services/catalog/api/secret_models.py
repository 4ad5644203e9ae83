"""What goes over the wire about signing secrets. Only the answer to a rotation has one."""

from datetime import datetime

from pydantic import Field

from libs.chassis.http import Body
from services.catalog.api.models import Answer
from services.catalog.domain.secrets import DEFAULT_GRACE_SECONDS, MAX_GRACE_SECONDS, Status


class RotateSecretRequest(Body):
    """How a signing secret is replaced. An empty body: now, and the one before signs for ten minutes more."""

    grace_seconds: int = Field(
        DEFAULT_GRACE_SECONDS,
        ge=0,
        le=MAX_GRACE_SECONDS,
        description="How long the secrets before it sign too (seconds); 0 revokes them at once.",
    )
    probe: bool = Field(
        False,
        description="Wait until the endpoint accepts a request that the new secret alone signs, and only then switch.",
    )


class RotateSecretResult(Answer):
    """A new signing secret. What stands beside it is answered only to a request that had a body."""

    signing_secret: str = Field(description="Answered this once.")
    secret_version: int | None = Field(None, description="Its version.")
    status: Status | None = Field(None, description="`active`, or `pending` while it waits for its proof.")


class SecretProbeResponse(Answer):
    """The last probe of a secret that waits for its proof."""

    at: datetime = Field(description="When it was sent.")
    tries: int = Field(description="How many there were, this one included.")
    status: int | None = Field(None, description="What the endpoint answered; 2xx accepts the secret.")
    error: str | None = Field(None, description="Why there was no answer.")


class SecretVersionResponse(Answer):
    """One version of a signing secret."""

    version: int = Field(description="Counts up from 1; never used again.")
    status: Status = Field(
        description="`active` signs until further notice, `grace` until it expires, `pending` signs probes only."
    )
    created_at: datetime
    expires_at: datetime | None = Field(None, description="Until when it signs; absent: until further notice.")
    last_accepted_at: datetime | None = Field(
        None,
        description="When the endpoint last answered 2xx to a request that it signed, alone or not (to the minute).",
    )
    last_accepted_alone_at: datetime | None = Field(
        None,
        description="When the endpoint last answered 2xx to a request that it alone signed: the endpoint has it.",
    )
    last_probe: SecretProbeResponse | None = Field(
        None, description="While it waits for its proof; absent: none was sent."
    )


class ActionSecretResponse(Answer):
    """The signing secrets of an action, without the secrets."""

    secret_version: int = Field(description="The version that is active.")
    secrets: list[SecretVersionResponse] = Field(description="All that may still sign, newest first.")
