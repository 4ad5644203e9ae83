"""Whatever is wrong with a request is said in one envelope, with the place, and leaves nothing behind."""

import re

import pytest

from libs.contracts.codec import Json
from tests.e2e.bad_input import access, actions, integrations, requests, runs, workflows
from tests.e2e.bad_input.case import Case
from tests.e2e.bad_input.ground import Ground
from tests.e2e.calls import Reply

CASES = (*requests.CASES, *actions.CASES, *workflows.CASES, *runs.CASES, *access.CASES, *integrations.CASES)

SENTENCE = re.compile(r"(\S+: )?expected .+, but .+", re.DOTALL)
LONGEST_MESSAGE = 4_096


def test_the_table_is_long_and_every_case_has_a_name() -> None:
    names = [case.name for case in CASES]
    assert len(names) >= 60
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=[case.name.replace(" ", "-") for case in CASES])
async def test_it_is_refused_with_its_place_and_leaves_nothing(ground: Ground, case: Case) -> None:
    before = await ground.what_is_there()
    reply = await case.send(ground.caller, ground.places)

    assert (reply.status, *envelope(reply)) == (case.status, case.code, case.place), reply.raw
    assert await ground.what_is_there() == before


def envelope(reply: Reply) -> tuple[Json, Json]:
    """Code and field of an error, which has exactly the wire's shape and speaks in a sentence."""
    assert reply.headers["Content-Type"].startswith("application/json")
    assert list(reply.json) == ["error"]
    error = reply.json["error"]
    assert isinstance(error, dict)
    assert {"code", "message"} <= set(error) <= {"code", "message", "details"}
    message, details = error["message"], error.get("details", {})
    assert isinstance(message, str)
    assert SENTENCE.fullmatch(message), message
    assert len(message) <= LONGEST_MESSAGE
    assert isinstance(details, dict)
    return error["code"], details.get("field")
