"""What the catalog has to be told."""

import re

from pydantic import Field, SecretStr, field_validator

from libs.chassis.sealing import Sealer
from libs.chassis.settings import Seconds, ServiceSettings
from libs.contracts.targets import TargetPolicy

_BOOTSTRAP_KEY = re.compile(r"mbx_[A-Za-z0-9_-]{16,256}")


class CatalogSettings(ServiceSettings):
    """Read from `CATALOG_…`, else from `MOBIUS_…`."""

    master_key: SecretStr = Field(
        description="Base64 of 32 bytes that secrets are sealed under; during a rotation several, the active one first."
    )
    bootstrap_project: str = Field(
        "default",
        pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        description="Handle of the project that is there from the first start on.",
    )
    bootstrap_api_key: SecretStr | None = Field(
        None, description="An admin's key for the whole installation; a new one is added, the ones before stay valid."
    )
    allowed_targets: tuple[str, ...] = Field(
        (), description="Internal networks (CIDR) that endpoint URLs may point into; none by default."
    )
    engine_url: str | None = Field(
        None,
        pattern=r"^https?://[^/]+$",
        description="Where the engine answers, which is asked who uses an action; without it none can be deleted.",
    )
    engine_seconds: Seconds = Field(5, description="Time that the engine has to say who uses an action (seconds).")
    idempotency_seconds: Seconds = Field(
        86_400, description="Time that a POST with an Idempotency-Key can be repeated for its first answer (seconds)."
    )
    publish_seconds: Seconds = Field(
        5, description="Time that an answer waits for its event to be on the topic (seconds)."
    )

    @field_validator("master_key")
    @classmethod
    def _is_a_master_key(cls, value: SecretStr) -> SecretStr:
        Sealer.from_base64(value.get_secret_value())
        return value

    @field_validator("bootstrap_api_key")
    @classmethod
    def _is_an_api_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _BOOTSTRAP_KEY.fullmatch(value.get_secret_value()):
            raise ValueError("expected mbx_ and 16 to 256 letters, digits, _ or -, but it has another form")
        return value

    @field_validator("allowed_targets")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        TargetPolicy.from_cidrs(value)
        return value
