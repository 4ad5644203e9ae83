"""Whatever is wrong with a request is said in one envelope, with the place, and leaves nothing behind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from libs.contracts.codec import Json, JsonObject
from tests.e2e.bad_input import actions, requests, runs, workflows
from tests.e2e.bad_input.case import Case
from tests.e2e.calls import Caller, Reply
from tests.e2e.endpoint import Endpoints

CASES = (*requests.CASES, *actions.CASES, *workflows.CASES, *runs.CASES)

SENTENCE = re.compile(r"(\S+: )?expected .+, but .+", re.DOTALL)
LONGEST_MESSAGE = 4_096


@dataclass(frozen=True)
class Ground:
    """What the bad requests are about: a registered action, a saved workflow, a run of it, and its claimed job."""

    caller: Caller
    places: Mapping[str, str]

    async def what_is_there(self) -> tuple[Json, ...]:
        """The newest of everything that a request could make, and the workflow that it could change."""
        lists = [await self.caller.get(f"{name}?limit=1") for name in ("actions", "workflows", "runs")]
        return (*(one.items[0]["id"] for one in lists), (await self.caller.get(self._workflow)).json)

    @property
    def _workflow(self) -> str:
        return f"workflows/{self.places['workflow']}"


@pytest.fixture(scope="module")
async def ground(caller: Caller, endpoints: Endpoints) -> Ground:
    text: Json = {"type": "string", "minLength": 1}
    await endpoints.register(
        caller,
        "bad-target",
        input_schema={
            "type": "object",
            "properties": {"doc_id": text},
            "required": ["doc_id"],
            "additionalProperties": False,
        },
    )
    spec: Json = {
        "name": "ground",
        "inputs": [{"name": "doc_id", "type": "string"}, {"name": "count", "type": "integer", "default": 1}],
        "steps": [{"name": "a", "action": "bad-target", "parameters": {"doc_id": "${inputs.doc_id}"}}],
    }
    workflow = (await caller.create("workflows", {"name": "ground", "spec": spec})).text("id")
    claim: JsonObject = {
        "worker_instance_id": "bad-worker",
        "worker_session_token": "bad-worker",
        "concurrency_limit": 1,
        "actions": ["bad-target"],
        "wait_seconds": 10,
    }
    await caller.post("jobs/claim", {**claim, "wait_seconds": 0})  # from now on the endpoint is not called
    run = (await caller.create(f"workflows/{workflow}/runs", {"inputs": {"doc_id": "x"}})).text("id")
    job = (await caller.post("jobs/claim", claim)).text("job_id")
    return Ground(caller, {"workflow": workflow, "run": run, "job": job})


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
