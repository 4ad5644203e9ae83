"""What the audit has to be told."""

from typing import Annotated

from pydantic import Field

from libs.chassis.settings import Count, Seconds, ServiceSettings


class AuditSettings(ServiceSettings):
    """Read from `AUDIT_…`, else from `MOBIUS_…`."""

    gather_seconds: Seconds = Field(
        0.1, description="Time that events may gather between two writes of the audit (seconds)."
    )
    summary_bytes: Count = Field(4_096, description="Longest result that the action audit log shows whole (bytes).")

    api_url: str | None = Field(
        None, description="Base URL of the installation's API, which the dashboard asks with the visitor's key."
    )
    api_seconds: Seconds = Field(15, description="Time that the API may take for what a page asks of it (seconds).")
    public_url: str | None = Field(
        None, description="Base URL that visitors know the installation by; none: as their browser asks for it."
    )
    session_seconds: Annotated[float, Field(ge=60, le=2_592_000)] = Field(
        43_200, description="Time from signing in on the dashboard to having to do it again (seconds)."
    )
