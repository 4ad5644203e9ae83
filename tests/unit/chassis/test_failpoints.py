"""Failpoints: armed by an order, counted, deadly, and gone under -O."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from libs.chassis import failpoints
from libs.chassis.failpoints import FAILPOINTS, arm, checked, reached
from tests.architecture.tree import ROOT

DIES = """
from libs.chassis.failpoints import arm, reached
arm("jobs_claimed:2")
for place in ("jobs_claimed", "leases_released", "jobs_claimed"):
    print(place, flush=True)
    assert reached(place)
print("lives")
"""


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    arm(None)


def python(source: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *options, "-c", source]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_process_dies_at_the_time_that_it_was_told() -> None:
    ended = python(DIES)

    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout.split() == ["jobs_claimed", "leases_released", "jobs_claimed"]
    assert ended.stderr == '{"event":"failpoint_reached","failpoint":"jobs_claimed"}\n'


def test_without_an_order_every_failpoint_is_passed() -> None:
    assert all(reached(name) for name in FAILPOINTS)


@pytest.mark.parametrize("order", ["", "nobody_knows", "jobs_claimed:0", "jobs_claimed:", "jobs_claimed:x", ":1"])
def test_an_order_that_could_not_be_carried_out_is_refused(order: str) -> None:
    with pytest.raises(ValueError, match="expected NAME or NAME:TIMES"):
        checked(order)


def test_an_order_is_refused_where_there_are_no_failpoints() -> None:
    ended = python("from libs.chassis.failpoints import checked; checked('jobs_claimed')", "-O")

    assert ended.returncode == 1
    assert "expected none, because a process that runs with -O has no failpoints" in ended.stderr


def test_each_name_says_what_the_world_is_like_there() -> None:
    assert all(state.endswith(".") and state[0].isupper() for state in FAILPOINTS.values())
    assert failpoints.checked(None) is None
