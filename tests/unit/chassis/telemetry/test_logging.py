"""Lines of JSON from us and from libraries, with context and without secrets."""

import io
import logging
from collections.abc import Iterator
from typing import cast

import pytest
import structlog

from libs.chassis.telemetry.logging import configure_logging, get_logger, log_context
from libs.contracts.codec import parse_json


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Configures logging into memory, and puts everything back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    quiet = {name: logging.getLogger(name).level for name in ("aiokafka", "aiohttp", "asyncio", "urllib3", "slack_sdk")}
    stream = io.StringIO()
    configure_logging("toyshop", "info", "json", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)
    for name, before in quiet.items():
        logging.getLogger(name).setLevel(before)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [cast(dict[str, object], parse_json(line.encode())) for line in stream.getvalue().splitlines()]


def test_a_line_says_what_when_who_and_how_bad(stream: io.StringIO) -> None:
    get_logger("libs.x").warning("toy_broken", toy="bear", count=2)
    (line,) = lines(stream)
    assert str(line.pop("time")).endswith("Z")
    assert line == {
        "event": "toy_broken", "toy": "bear", "count": 2, "level": "warning", "logger": "libs.x", "service": "toyshop",
    }  # fmt: skip


def test_a_librarys_line_has_the_same_form(stream: io.StringIO) -> None:
    logging.getLogger("some.library").warning("lost %s of %d", "bear", 3, extra={"toy": "bear"})
    (line,) = lines(stream)
    assert (line["event"], line["toy"], line["logger"], line["service"]) == (
        "lost bear of 3",
        "bear",
        "some.library",
        "toyshop",
    )


def test_what_belongs_to_the_work_at_hand_is_on_every_line(stream: io.StringIO) -> None:
    token = log_context.set({"request_id": "req_1"})
    get_logger("x").info("one")
    log_context.reset(token)
    get_logger("x").info("two")
    assert [line.get("request_id") for line in lines(stream)] == ["req_1", None]


def test_an_exception_is_one_line_with_its_trace(stream: io.StringIO) -> None:
    try:
        raise RuntimeError("a bug in mbx_abc")
    except RuntimeError:
        get_logger("x").exception("failed")
    (line,) = lines(stream)
    assert "RuntimeError: a bug in mbx_[redacted]" in str(line["exception"])


@pytest.mark.parametrize(
    "fields",
    [
        {"authorization": "Bearer hunter2"}, {"signing_secret": "hunter2"}, {"url": "http://x/?k=mbx_hunter2"},
        {"body": {"token": "hunter2"}}, {"list": ["whsec_hunter2", {"password": "hunter2"}]},
    ],
)  # fmt: skip
def test_a_secret_is_blotted_out_wherever_it_stands(stream: io.StringIO, fields: dict[str, object]) -> None:
    get_logger("x").info("said", **fields)
    assert "hunter2" not in stream.getvalue()
    assert "[redacted]" in stream.getvalue()


def test_what_json_cannot_hold_is_written_as_text(stream: io.StringIO) -> None:
    get_logger("x").info("said", thing=Exception("odd"), raw=b"\xff")
    assert lines(stream)[0]["thing"] == "odd"


def test_less_than_the_level_is_not_said_and_chatty_libraries_are_quiet(stream: io.StringIO) -> None:
    get_logger("x").debug("nothing")
    logging.getLogger("aiokafka.consumer").info("nothing")
    assert stream.getvalue() == ""


def test_lines_for_people_have_the_same_words() -> None:
    stream = io.StringIO()
    handlers, level = logging.getLogger().handlers, logging.getLogger().level
    configure_logging("toyshop", "info", "console", stream)
    get_logger("x").info("toy_sold", key="mbx_hunter2")
    structlog.reset_defaults()
    logging.getLogger().handlers = handlers
    logging.getLogger().setLevel(level)
    assert "toy_sold" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
