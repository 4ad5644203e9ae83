"""Every error type that the platform gives a step or a run has advice of its own."""

import re
from pathlib import Path
from typing import get_args

import pytest

from libs.contracts.events.engine import RunErrorType
from services.audit.dashboard.presenters.advice import ADVICE, OWN, advice_for
from services.dispatcher.delivery.classification import TABLE

ROOT = Path(__file__).parents[5]
DOCUMENTED = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/concepts/workflows-and-runs.md").read_text(), re.MULTILINE)
BY_DELIVERY = {ruling.error_type for ruling in TABLE.values()} | {
    ruling.unrepeatable for ruling in TABLE.values() if ruling.unrepeatable
}


@pytest.mark.parametrize("error_type", sorted({*get_args(RunErrorType), *BY_DELIVERY}))
def test_an_error_of_the_platform_has_advice_of_its_own(error_type: str) -> None:
    assert advice_for(error_type) is ADVICE[error_type]


def test_the_documented_errors_of_steps_and_those_of_runs_are_the_table() -> None:
    documented = [one for one in DOCUMENTED if one in ADVICE]
    assert len(documented) >= len(ADVICE) - len(get_args(RunErrorType))
    assert set(documented) | set(get_args(RunErrorType)) == set(ADVICE)


@pytest.mark.parametrize("error_type", ["", "OutOfPaper", "<script>"])
def test_an_error_of_a_worker_is_told_to_be_its_own(error_type: str) -> None:
    assert advice_for(error_type) is OWN


def test_advice_is_sentences() -> None:
    for advice in (*ADVICE.values(), OWN):
        assert advice.meaning.endswith(".")
        assert advice.next.endswith(".")
