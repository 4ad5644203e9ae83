"""How many processes of a service a stack runs, and their names."""

import pytest

from deploy.local.replicas import ReplicasRefused, parse_replicas, part_names
from libs.contracts.topics import SERVICES


def test_without_wishes_each_service_has_one_process_of_its_name() -> None:
    assert part_names(parse_replicas([])) == {service: [service] for service in SERVICES}


def test_further_replicas_are_numbered_from_two() -> None:
    names = part_names(parse_replicas(["engine=3", "dispatcher=1"]))
    assert names["engine"] == ["engine", "engine-2", "engine-3"]
    assert names["dispatcher"] == ["dispatcher"]


@pytest.mark.parametrize("wish", ["engine", "engine=0", "engine=9", "engine=two", "gateway=2", "=2"])
def test_a_wish_that_nobody_can_fulfil_is_refused(wish: str) -> None:
    with pytest.raises(ReplicasRefused, match=f"but got {wish}"):
        parse_replicas([wish])
