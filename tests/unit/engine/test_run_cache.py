"""States of runs in memory: bounded, and never behind what is known already."""

from libs.chassis.journal.entry import Context, entry
from libs.contracts.events.engine import RunStarted
from services.engine.domain.evolve import evolve
from services.engine.domain.run_state import RunState
from services.engine.store.run_cache import RunCache
from tests.doubles.clock import NOON


def state(run_id: str, version: int = 1) -> RunState:
    spec = {"name": "w", "steps": [{"name": "one", "action": "a"}]}
    said = RunStarted.model_validate({"workflow_name": "w", "spec": spec, "queue": "q", "inputs": {}})
    begun = evolve(None, entry(Context(service="engine", project="p", now=NOON), run_id, 1, run_id, said).event)
    return begun._replace(version=version)


def test_the_run_that_was_used_longest_ago_makes_room() -> None:
    cache = RunCache(2, 1_000)
    cache.put(state("run_1"), 10)
    cache.put(state("run_2"), 10)
    assert cache.get("run_1") is not None
    cache.put(state("run_3"), 10)
    assert [run_id for run_id in ("run_1", "run_2", "run_3") if cache.get(run_id)] == ["run_1", "run_3"]


def test_large_runs_make_room_by_their_bytes() -> None:
    cache = RunCache(10, 100)
    cache.put(state("run_1"), 60)
    cache.put(state("run_2"), 30)
    cache.put(state("run_2", 2), 30)
    assert cache.get("run_1") is None
    cache.drop("run_2")
    cache.put(state("run_3"), 50)
    cache.put(state("run_4"), 50)
    assert len(cache) == 2


def test_an_earlier_state_does_not_replace_a_later_one() -> None:
    cache = RunCache(10, 1_000)
    cache.put(state("run_1", 6), 10)
    cache.put(state("run_1", 5), 10)
    kept = cache.get("run_1")
    assert kept is not None
    assert kept.version == 6
