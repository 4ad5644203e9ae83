"""The dispatcher's settings: each field a sentence and a unit."""

from pydantic import Field, SecretStr, field_validator

from libs.chassis.sealing import Sealer
from libs.chassis.settings import Count, Seconds, ServiceSettings


class DispatcherSettings(ServiceSettings):
    """Read from `DISPATCHER_…`, else `MOBIUS_…`, else the default."""

    master_key: SecretStr = Field(
        description="Base64 of 32 bytes that secrets are sealed under; during a rotation several, in any order."
    )

    lease_seconds: Seconds = Field(90, description="Time that a worker holds a job without a heartbeat (seconds).")
    heartbeat_seconds: Count = Field(30, description="Interval that workers are told to beat at (seconds).")
    most_expiries: Count = Field(3, description="Expired leases after which a job fails with `timeout`.")
    announce_after_seconds: Seconds = Field(1, description="Age of a lease that is announced as claimed (seconds).")

    courier_lease_seconds: Seconds = Field(15, description="Lease of the courier and the invoker (seconds).")
    courier_places: Count = Field(64, description="Deliveries of jobs that are under way at one time.")
    invoker_places: Count = Field(64, description="Server-side invocations that are under way at one time.")
    session_live_seconds: Seconds = Field(
        45, description="Time after which a silent worker no longer keeps its actions from the courier (seconds)."
    )
    session_takeover_seconds: Seconds = Field(
        30, description="Time after which another process may take over a silent worker's instance id (seconds)."
    )

    allowed_targets: tuple[str, ...] = Field((), description="Internal networks that may be called, as CIDRs.")
    connect_seconds: Seconds = Field(5, description="Time to connect to an endpoint (seconds).")
    delivery_seconds: Seconds = Field(30, description="Time of one delivery attempt, to its last byte (seconds).")
    response_bytes: Count = Field(1_048_576, description="Longest answer that is read from an endpoint (bytes).")
    delivery_attempts: Count = Field(4, description="Attempts of a delivery that may be repeated, the first included.")
    delivery_pause_seconds: Seconds = Field(1, description="Pause before the second attempt; it doubles (seconds).")

    slack_base_url: str = Field("https://slack.com/api/", description="Where Slack's Web API is.")
    slack_token: SecretStr = Field(
        SecretStr(""), description="The installation's own Slack bot token, for projects that are not connected."
    )
    github_base_url: str = Field(
        "https://api.github.com", description="Where GitHub's REST API is; GitHub Enterprise: https://HOST/api/v3."
    )
    github_token: SecretStr = Field(
        SecretStr(""), description="The installation's own GitHub token, for projects that are not connected."
    )

    @field_validator("master_key")
    @classmethod
    def _is_a_master_key(cls, value: SecretStr) -> SecretStr:
        Sealer.from_base64(value.get_secret_value())
        return value
