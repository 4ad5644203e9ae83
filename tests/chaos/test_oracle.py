"""The oracle says nothing about a calm day, and finds whatever is planted in the record of one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.fallback_broker import real_broker_missing
from tests.chaos.corruptions import of_records, of_runs, of_topics
from tests.chaos.corruptions.edits import untouched
from tests.chaos.oracle.judge import CHECKS, violations
from tests.chaos.oracle.observation import ENDED, Observation, load, save
from tests.chaos.storm.course import Weather, weather

Corruption = Callable[[Observation], str]
PLANTED: dict[Corruption, str] = {**of_topics.PLANTED, **of_runs.PLANTED, **of_records.PLANTED}
CALM = Weather(seed=7, seconds=8, in_flight=40, faults=False)

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(real_broker_missing() is not None, reason="the fallback broker keeps nothing"),
]


@pytest.fixture(scope="module")
async def clean(tmp_path_factory: pytest.TempPathFactory) -> Observation:
    """Everything that is known after a short run without faults, as it comes back from its file."""
    folder = tmp_path_factory.mktemp("calm")
    outcome = await weather(folder, CALM, print)
    assert outcome.moving == ""
    return _again(outcome.observation, folder / "evidence.json")


def _again(seen: Observation, file: Path) -> Observation:
    save(seen, file)
    return load(file)


def test_a_calm_day_leaves_nothing_to_say(clean: Observation) -> None:
    assert violations(clean) == []


def test_a_calm_day_has_some_of_everything(clean: Observation) -> None:
    """Otherwise a check could be silent because there was nothing to look at."""
    assert {events[-1]["type"] for events in clean.runs.values()} == ENDED
    assert {"worker-1", "worker-2", "worker-3", "receiver", "callers", "slack"} == set(clean.diaries)
    told = {line["http"] for line in clean.noted("told", "worker")}
    assert 204 in told
    assert len(clean.runs) >= CALM.in_flight


@pytest.mark.parametrize("corruption", PLANTED, ids=lambda corruption: corruption.__name__)
def test_a_planted_corruption_is_found_and_named(clean: Observation, corruption: Corruption) -> None:
    spoiled = untouched(clean)
    subject = corruption(spoiled)
    found = list(CHECKS[PLANTED[corruption]](untouched(spoiled)))
    assert [sentence for sentence in found if subject in sentence], found


def test_every_check_has_a_corruption_that_it_finds() -> None:
    assert set(PLANTED.values()) == set(CHECKS)
