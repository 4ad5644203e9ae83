"""What the audit has to be told."""

from pydantic import Field

from libs.chassis.settings import Count, Seconds, ServiceSettings


class AuditSettings(ServiceSettings):
    """Read from `AUDIT_…`, else from `MOBIUS_…`."""

    gather_seconds: Seconds = Field(
        0.1, description="Time that events may gather between two writes of the audit (seconds)."
    )
    summary_bytes: Count = Field(4_096, description="Longest result that the action audit log shows whole (bytes).")
