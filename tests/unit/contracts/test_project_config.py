from datetime import timedelta

import pytest

from libs.contracts.events.catalog import ConfigEntry
from libs.contracts.project_config import config_problems, liveness


def entry(value: str = "30s", category: str = "timeouts", key: str = "liveness") -> ConfigEntry:
    return ConfigEntry(category=category, key=key, value=value)


@pytest.mark.parametrize(
    ("value", "seconds"), [("3s", 3), ("90s", 90), ("5m", 300), ("1h", 3600), ("60m", 3600), ("3600s", 3600)]
)
def test_a_duration_is_read(value: str, seconds: int) -> None:
    assert list(config_problems([entry(value)])) == []
    assert liveness([entry(value)]) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["", "30", "2s", "3601s", "2h", "0s", "-5s", "1.5m", "30 s", "9999999s", "٣s"])
def test_what_is_no_duration_in_range_is_refused(value: str) -> None:
    (problem,) = config_problems([entry(value)])

    assert problem.field == "[0].value"
    assert problem.sentence.startswith("expected a duration")


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ([entry(category="queues")], "[0].category"),
        ([entry(key="wall_clock")], "[0].key"),
        ([entry(), entry()], "[1].key"),
    ],
)
def test_what_nothing_acts_on_is_refused(config: list[ConfigEntry], field: str) -> None:
    assert [problem.field for problem in config_problems(config)] == [field]


def test_without_settings_nothing_is_said() -> None:
    assert list(config_problems([])) == []
    assert liveness([]) is None
