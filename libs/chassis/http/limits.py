"""The bounds of the door, each from a setting of the same name."""

from dataclasses import dataclass, fields

from libs.chassis.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Durations in seconds, sizes in bytes; `ServiceSettings` describes each."""

    max_connections: int = 8_192
    max_requests: int = 4_096
    max_streams: int = 1_024
    max_held_bytes: int = 67_108_864
    max_body_bytes: int = 262_144
    header_seconds: float = 10
    body_seconds: float = 30
    keepalive_seconds: float = 75
    stream_comment_seconds: float = 15
    slow_request_seconds: float = 1
    access_log_ratio: float = 0
    drain_seconds: float = 20

    @classmethod
    def of(cls, settings: ServiceSettings) -> "HttpLimits":
        """The limits that the settings name."""
        return cls(**{field.name: getattr(settings, field.name) for field in fields(cls)})
