"""A minute of chaos, judged. `make chaos` is the same for longer, with any seed."""

from pathlib import Path

import pytest

from deploy.local.fallback_broker import real_broker_missing
from tests.chaos.oracle.judge import violations
from tests.chaos.oracle.observation import save
from tests.chaos.storm.course import Weather, weather

SEED = 4
SECONDS = 60.0


@pytest.mark.timeout(600)
@pytest.mark.skipif(real_broker_missing() is not None, reason="the fallback broker keeps nothing")
async def test_nothing_is_lost_doubled_or_untold_whatever_is_struck(tmp_path: Path) -> None:
    outcome = await weather(tmp_path, Weather(SEED, SECONDS), print)
    save(outcome.observation, tmp_path / "evidence.json")
    assert outcome.moving == ""
    assert sum(outcome.struck.values()) >= SECONDS / 4
    assert violations(outcome.observation) == [], f"seed {SEED}, the evidence is in {tmp_path}"
