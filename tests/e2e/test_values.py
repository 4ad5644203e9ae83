"""JSON in is JSON out: from a run's inputs over parameters, event, POST and result to its outputs, byte by byte."""

import pytest

from demo.answers import Run
from demo.following import follow_run
from demo.mobius_api import MobiusApi
from libs.contracts.codec import Json, JsonObject, dump_json
from tests.e2e.calls import Caller, value_of
from tests.e2e.endpoint import Endpoints

VALUES: dict[str, Json] = {
    "integer": 1,
    "double-of-an-integer": 1.0,
    "beyond-53-bits": 2**53 + 1,
    "negative": -(2**63),
    "tiny": 5e-324,
    "huge": 1.7976931348623157e308,
    "tenth": 0.1,
    "null": None,
    "true": True,
    "empty": "",
    "empty-object": {},
    "empty-list": [],
    "emoji": "👩‍🔬 naïve — \u202eright to left",
    "control": "tab\tline\nreturn\r\u0001\u007f\u2028",
    "looks-like-a-template": "$${inputs.value}",
    "quotes": '"\\/<script>',
    "order": {"z": 1, "a": 2, "Z": 3, "ä": 4, "": 5},
    "nested": [[[[{"a": [{"b": None}]}]]]],
    "odd-keys": {"a.b": 1, "${x}": 2, "__proto__": 3, "a b": 4},
    "long": "x" * 100_000,
}


@pytest.fixture(scope="module", autouse=True)
async def action(caller: Caller, endpoints: Endpoints) -> None:
    await endpoints.register(caller, "mirror", lambda parameters: parameters["value"])


@pytest.mark.parametrize("kind", ["worker", "server"])
@pytest.mark.parametrize("name", VALUES)
async def test_a_value_comes_through_as_it_was(
    api: MobiusApi, caller: Caller, endpoints: Endpoints, name: str, kind: str
) -> None:
    step: Json = {
        "name": "a",
        "action": "mirror",
        "action_kind": kind,
        "parameters": {"value": "${inputs.value}", "list": ["${inputs.value}"]},
        "store": "mirrored",
    }
    spec: Json = {"name": "mirror", "steps": [step], "outputs": [{"name": "out", "variable": "mirrored"}]}
    body: JsonObject = {"mode": "inline", "spec": spec, "inputs": {"value": VALUES[name]}}
    run = await follow_run(api, (await api.post("runs", body, Run)).id, lambda _: None)

    assert run.status == "completed", run.error_message
    (post,) = endpoints.of_run(run.id)
    wanted = dump_json({"value": VALUES[name], "list": [VALUES[name]]})
    assert dump_json(post.body["parameters"]) == wanted
    answer = await caller.get(f"runs/{run.id}")
    assert dump_json(value_of(answer.text("result_b64"))) == dump_json({"out": VALUES[name]})
    assert dump_json(answer.json["inputs"]) == dump_json({"value": VALUES[name]})
    entry = (await caller.get(f"runs/{run.id}/steps")).items[0]
    assert dump_json(entry["parameters"]) == wanted
