"""What the audit has to be told."""

from pydantic import Field

from libs.chassis.settings import Count, ServiceSettings


class AuditSettings(ServiceSettings):
    """Read from `AUDIT_…`, else from `MOBIUS_…`."""

    summary_bytes: Count = Field(4_096, description="Longest result that the action audit log shows whole (bytes).")
