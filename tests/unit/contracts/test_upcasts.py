"""Old event versions are lifted on read. Proven with a version 2 and 3 that exist only here, before one is needed."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import ClassVar

import pytest
from pydantic import JsonValue

from libs.contracts import registry
from libs.contracts.codec import Json, dump_json
from libs.contracts.payload import Payload
from libs.contracts.registry import Undecodable, decode, latest_versions, payload_classes
from libs.contracts.upcasts import UPCASTS, Upcast


class RunCompletedV2(Payload):
    """Outputs became a list of named values."""

    type: ClassVar[str] = "run.completed"
    version: ClassVar[int] = 2

    outputs: list[dict[str, JsonValue]]
    tags: list[str] | None = None


class RunCompletedV3(Payload):
    """Their number came beside them."""

    type: ClassVar[str] = "run.completed"
    version: ClassVar[int] = 3

    outputs: list[dict[str, JsonValue]]
    count: int


def name_the_outputs(data: dict[str, object]) -> dict[str, object]:
    outputs = data["outputs"]
    assert isinstance(outputs, dict)
    return {"outputs": [{"name": name, "value": value} for name, value in outputs.items()]}


def count_the_outputs(data: dict[str, object]) -> dict[str, object]:
    outputs = data["outputs"]
    assert isinstance(outputs, list)
    return {**data, "count": len(outputs)}


@pytest.fixture
def three_versions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A build in which `run.completed` has come to version 3."""
    later = SimpleNamespace(RunCompletedV2=RunCompletedV2, RunCompletedV3=RunCompletedV3)
    lifts: dict[tuple[str, int], Upcast] = {
        ("run.completed", 1): name_the_outputs,
        ("run.completed", 2): count_the_outputs,
    }
    monkeypatch.setattr(registry, "MODULES", (*registry.MODULES, later))
    monkeypatch.setattr(registry, "UPCASTS", lifts)
    payload_classes.cache_clear()
    latest_versions.cache_clear()
    yield
    monkeypatch.undo()
    payload_classes.cache_clear()
    latest_versions.cache_clear()


def record(version: int, **data: Json) -> bytes:
    return dump_json(
        {
            "specversion": "1.0",
            "id": "run_1:9",
            "source": "/mobius/engine",
            "type": "run.completed",
            "subject": "run_1",
            "time": "2030-01-31T09:30:00.000001Z",
            "dataschema": f"urn:mobius:run.completed:{version}",
            "project": "default",
            "sequence": 9,
            "partitionkey": "run_1",
            "data": data,
        }
    )


LATEST = RunCompletedV3(outputs=[{"name": "summary", "value": {"words": 9}}], count=1)


@pytest.mark.usefixtures("three_versions")
def test_the_first_version_is_lifted_over_all_steps() -> None:
    event = decode(record(1, outputs={"summary": {"words": 9}}))

    assert event.data == LATEST
    assert event.data.dataschema() == "urn:mobius:run.completed:3"


@pytest.mark.usefixtures("three_versions")
def test_a_middle_version_is_lifted_by_the_rest() -> None:
    assert decode(record(2, outputs=[{"name": "summary", "value": {"words": 9}}], tags=["a"])).data == LATEST


@pytest.mark.usefixtures("three_versions")
def test_the_latest_version_is_read_as_it_is() -> None:
    assert decode(record(3, outputs=[{"name": "summary", "value": {"words": 9}}], count=1)).data == LATEST


@pytest.mark.usefixtures("three_versions")
@pytest.mark.parametrize(
    "raw",
    [record(1), record(1, outputs=[]), record(2, outputs={}), record(2, outputs=["a"]), record(3, outputs=[])],
    ids=["v1 without outputs", "v1 as v2", "v2 as v1", "v2 with texts", "v3 without count"],
)
def test_an_old_record_is_held_against_its_own_version_before_it_is_lifted(raw: bytes) -> None:
    with pytest.raises(Undecodable) as refused:
        decode(raw)

    assert refused.value.reason == "invalid_data"


@pytest.mark.usefixtures("three_versions")
def test_a_version_after_the_latest_is_still_unknown() -> None:
    with pytest.raises(Undecodable, match=r"expected run\.completed at most in version 3, but got 4") as refused:
        decode(record(4, outputs=[], count=0))

    assert refused.value.reason == "unknown_version"


def test_the_fixture_leaves_nothing_behind() -> None:
    assert latest_versions()["run.completed"] == 1
    assert decode(record(1, outputs={})).type == "run.completed"


def test_every_version_but_the_latest_has_an_upcast() -> None:
    old = {(type_, version) for type_, version in payload_classes() if version < latest_versions()[type_]}

    assert set(UPCASTS) == old


def test_versions_count_from_one_without_a_gap() -> None:
    for type_, latest in latest_versions().items():
        assert all((type_, version) in payload_classes() for version in range(1, latest + 1))
