"""Structured logs: one JSON object a line (or a line for people), on standard error, from us and from every library.

`get_logger()` gives a structlog logger. What belongs to the request or record at work stands in `log_context` and is
added to every line. Anything that looks like a key or a secret is blotted out, whoever logs it.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from typing import IO, Any

import orjson
import structlog

log_context: ContextVar[Mapping[str, str] | None] = ContextVar("log_context", default=None)
"""Fields of the work at hand, like `request_id`. Set it where the work begins; tasks inherit it."""

_SECRET_TEXT = re.compile(r"(mbx_|whsec_|xox[a-z]-|gh[a-z]_|github_pat_)[A-Za-z0-9+/=_-]+")
_SECRET_NAMES = frozenset({"authorization", "password", "secret", "signing_secret", "token", "api_key", "master_key"})
_BLOT = "[redacted]"
_QUIET = ("aiokafka", "aiohttp", "asyncio", "urllib3", "slack_sdk", "opentelemetry")

EventDict = MutableMapping[str, Any]


def configure_logging(service: str, level: str = "info", form: str = "json", stream: IO[str] | None = None) -> None:
    """Routes structlog and the standard library to one stream (standard error). `form` is `json` or `console`."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared = _processors(service)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(shared, form))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(number)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger: `log.info("job claimed", job_id=…)`. The event is a phrase, everything else is a field."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def _processors(service: str) -> list[structlog.typing.Processor]:
    def add_context(_logger: object, _method: str, event: EventDict) -> EventDict:
        event.setdefault("service", service)
        for name, value in (log_context.get() or {}).items():
            event.setdefault(name, value)
        return event

    return [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        add_context,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]


def _formatter(shared: list[structlog.typing.Processor], form: str) -> logging.Formatter:
    tail: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if form == "json":
        tail += [structlog.processors.format_exc_info, _redact, structlog.processors.JSONRenderer(serializer=_dump)]
    else:
        tail += [structlog.processors.format_exc_info, _redact, structlog.dev.ConsoleRenderer(colors=False)]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=tail)


def _redact(_logger: object, _method: str, event: EventDict) -> EventDict:
    return {name: _BLOT if name.lower() in _SECRET_NAMES else _blotted(value) for name, value in event.items()}


def _blotted(value: object) -> object:
    match value:
        case str():
            return _SECRET_TEXT.sub(lambda found: found[1] + _BLOT, value)
        case dict():
            return _redact(None, "", {str(name): inner for name, inner in value.items()})
        case list() | tuple():
            return [_blotted(inner) for inner in value]
        case _:
            return value


def _dump(event: EventDict, **_options: object) -> str:
    return orjson.dumps(event, default=lambda value: _blotted(str(value)), option=orjson.OPT_NON_STR_KEYS).decode()
