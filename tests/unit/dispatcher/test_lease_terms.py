from datetime import timedelta

import pytest

from libs.contracts.events.catalog import ConfigEntry, ProjectState
from services.dispatcher.api.lease_terms import LeaseTerms


def terms_of(*liveness: str) -> LeaseTerms:
    config = [ConfigEntry(category="timeouts", key="liveness", value=value) for value in liveness]
    state = ProjectState(project_id="prj_1", handle="blue", name="Blue", config=config)
    return LeaseTerms({"blue": state}, timedelta(seconds=90), timedelta(seconds=30))


@pytest.mark.parametrize("project", ["blue", "unknown"])
def test_without_a_setting_the_installations_terms_hold(project: str) -> None:
    assert terms_of().lease_for(project) == timedelta(seconds=90)
    assert terms_of().heartbeat_seconds(project) == 30


@pytest.mark.parametrize(("liveness", "seconds", "beat"), [("12s", 12, 4), ("3s", 3, 1), ("5m", 300, 30)])
def test_a_project_sets_its_own_terms(liveness: str, seconds: int, beat: int) -> None:
    terms = terms_of(liveness)
    assert terms.lease_for("blue") == timedelta(seconds=seconds)
    assert terms.heartbeat_seconds("blue") == beat
    assert terms.lease_for("green") == timedelta(seconds=90)
