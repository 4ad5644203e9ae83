"""Settings: one frozen model per service, each field a sentence and a unit, read once from the environment.

Field `lease_seconds` of the dispatcher is read from `DISPATCHER_LEASE_SECONDS`, else from `MOBIUS_LEASE_SECONDS`, else
it has its default. An empty variable counts as unset. A variable with the service's own prefix that no field knows is
an error, because it is a typo. Sequences are written with commas. Only `__main__` touches `os.environ`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from libs.chassis.failpoints import checked

SHARED_PREFIX = "MOBIUS"

Ratio = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Count = Annotated[int, Field(ge=1)]


class ServiceSettings(BaseModel):
    """What every service has to be told. Services add their own fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field("127.0.0.1", description="Address that the HTTP server listens on.")
    port: int = Field(0, ge=0, le=65535, description="Port that the HTTP server listens on; 0 takes a free one.")
    postgres_url: SecretStr = Field(description="The service's own role on its own database.")
    kafka_bootstrap: str = Field(min_length=1, description="Kafka brokers as host:port, with commas between them.")
    instance_id: str | None = Field(
        None,
        description="Name of this replica, unlike any other's and the same after a restart: it is heard again at once.",
    )

    failpoint: Annotated[str | None, AfterValidator(checked)] = Field(
        None, description="Where the process kills itself, for tests: NAME or NAME:TIMES. Refused under `python -O`."
    )
    handler_seconds: Seconds = Field(
        30, description="Time that handling a batch of records may take; then it counts as failed (seconds)."
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    log_format: Literal["json", "console"] = Field("json", description="One JSON object a line, or lines for people.")
    otlp_endpoint: str | None = Field(
        None, description="Base URL that traces are sent to by OTLP/HTTP; none: no traces."
    )
    trace_sample_ratio: Ratio | None = Field(
        None, description="Share of new traces that is recorded (0 to 1); default 1 with an endpoint, 0 without."
    )

    drain_seconds: Seconds = Field(20, description="Time that a stopping process gives to work in flight (seconds).")
    max_connections: Count = Field(8_192, description="Open HTTP connections; more are closed at once.")
    max_requests: Count = Field(4_096, description="HTTP requests at work at one time; more are answered 503.")
    max_streams: Count = Field(1_024, description="Open event streams; more are answered 503.")
    max_body_bytes: Count = Field(262_144, description="Longest request body (bytes).")
    max_held_bytes: Count = Field(
        67_108_864, description="Request bodies (bytes) at work at one time; more are answered 503."
    )
    header_seconds: Seconds = Field(10, description="Time that a client has to send a request's head (seconds).")
    body_seconds: Seconds = Field(30, description="Time that a client has to send a body, or take an event (seconds).")
    keepalive_seconds: Seconds = Field(75, description="Time that an idle connection is kept (seconds).")
    stream_comment_seconds: Seconds = Field(15, description="Silence after which a stream gets a comment (seconds).")
    slow_request_seconds: Seconds = Field(1, description="Requests slower than this are logged (seconds).")
    access_log_ratio: Ratio = Field(
        0, description="Share of the fast, successful requests that is logged too (0 to 1)."
    )

    queue_requests: Count = Field(
        4_096, description="Requests that wait for one kind of transaction; more are answered 503."
    )
    queue_seconds: Seconds = Field(
        5, description="Time that a request waits for the database's attention before it is answered 503 (seconds)."
    )
    read_connections: Count = Field(4, description="Connections to the database that queries of the API share.")
    database_silent_seconds: Seconds = Field(
        10, description="Time without an answer of the database after which the service is not ready (seconds)."
    )
    outbox_events: Count = Field(
        100_000, description="Events that may wait to be published; what would add to them is answered 503."
    )
    unpublished_seconds: Seconds = Field(
        30, description="Age of an event that cannot be published from which on the service is not ready (seconds)."
    )

    key_use_seconds: Seconds = Field(
        60, description="Time between two announcements of when API keys were last used here (seconds)."
    )

    metrics_public: bool = Field(False, description="Answer /metrics without a key.")

    @property
    def sample_ratio(self) -> float:
        """The share of new traces that is recorded."""
        if self.trace_sample_ratio is not None:
            return self.trace_sample_ratio
        return 1.0 if self.otlp_endpoint else 0.0


Settings = TypeVar("Settings", bound=BaseModel)


class InvalidSettings(ValueError):
    """Everything that is wrong with the environment, at once; `problems` has one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("the settings are not usable:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = tuple(problems)


def load(cls: type[Settings], environ: Mapping[str, str], prefix: str) -> Settings:
    """Reads `cls` from the environment. Raises `InvalidSettings` that names every wrong variable, never a value."""
    sources = {name: _variable(environ, prefix, name) for name in cls.model_fields}
    values = {name: _value(cls, name, environ[source]) for name, source in sources.items() if source is not None}
    strays = _unknown(cls, environ, prefix)
    try:
        settings = cls.model_validate(values)
    except ValidationError as error:
        wrong = [_problem(prefix, sources, item["loc"], item["msg"]) for item in error.errors(include_url=False)]
        raise InvalidSettings(strays + wrong) from None
    if strays:
        raise InvalidSettings(strays)
    return settings


def describe(settings: BaseModel) -> dict[str, object]:
    """The effective settings for the start-up log, secrets as "configured"."""
    return {name: _shown(getattr(settings, name)) for name in type(settings).model_fields}


def variable_names(prefix: str, field: str) -> tuple[str, str]:
    """The variables that a field is read from, the service's own first."""
    return f"{prefix}_{field.upper()}", f"{SHARED_PREFIX}_{field.upper()}"


def _variable(environ: Mapping[str, str], prefix: str, field: str) -> str | None:
    return next((name for name in variable_names(prefix, field) if environ.get(name, "").strip()), None)


def _value(cls: type[BaseModel], field: str, text: str) -> object:
    if _is_sequence(cls.model_fields[field].annotation):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _is_sequence(annotation: object) -> bool:
    origin = get_origin(annotation)
    if origin in (tuple, list, set, frozenset):
        return True
    return any(_is_sequence(part) for part in get_args(annotation)) if origin is not Literal else False


def _unknown(cls: type[BaseModel], environ: Mapping[str, str], prefix: str) -> list[str]:
    if prefix == SHARED_PREFIX:
        return []
    known = {variable_names(prefix, field)[0] for field in cls.model_fields}
    strays = sorted(name for name in environ if name.startswith(f"{prefix}_") and name not in known)
    return [f"{name}: expected a known setting, but no field of {cls.__name__} has this name" for name in strays]


def _problem(prefix: str, sources: Mapping[str, str | None], loc: tuple[int | str, ...], message: str) -> str:
    if not loc:
        return message
    field = str(loc[0])
    source = sources.get(field)
    if source is None:
        own, shared = variable_names(prefix, field)
        return f"{own} (or {shared}): expected a value, but it is not set"
    return f"{source}: {message}"


def _shown(value: object) -> object:
    if isinstance(value, SecretStr):
        return "configured" if value.get_secret_value() else "not configured"
    return value
