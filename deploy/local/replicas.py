"""How many processes of each service a stack runs, and what they are called: `engine`, `engine-2`, `engine-3`."""

from collections.abc import Mapping, Sequence

from libs.contracts.topics import SERVICES

MOST_REPLICAS = 8
"""PostgreSQL's connections are budgeted, and each replica has about ten."""


class ReplicasRefused(Exception):
    """A wish for replicas that no stack can fulfil."""


def parse_replicas(wishes: Sequence[str]) -> dict[str, int]:
    """`["engine=2", "dispatcher=2"]` as {service: count}. Raises ReplicasRefused."""
    counts: dict[str, int] = {}
    for wish in wishes:
        service, _, count = wish.partition("=")
        if service not in SERVICES or not count.isdigit() or not 1 <= int(count) <= MOST_REPLICAS:
            services = ", ".join(SERVICES)
            raise ReplicasRefused(f"expected SERVICE=1 to {MOST_REPLICAS} with one of {services}, but got {wish}")
        counts[service] = int(count)
    return counts


def part_names(counts: Mapping[str, int]) -> dict[str, list[str]]:
    """{service: the names of its processes}. The first has the service's own name, so one replica is like none."""
    return {
        service: [service, *(f"{service}-{number}" for number in range(2, counts.get(service, 1) + 1))]
        for service in SERVICES
    }
