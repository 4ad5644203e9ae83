"""The queues of a service: group commits with the same bounds, and a gauge that shows how much waits in each."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge

from libs.chassis.loops.group_commit import DEFAULT_LIMITS, Answer, GroupCommit, QueueLimits, Request, Serve


class Queues:
    """Makes group commits. `mobius_queue_requests{queue}` is what waits for a transaction or a connection."""

    def __init__(self, limits: QueueLimits = DEFAULT_LIMITS, registry: CollectorRegistry | None = None) -> None:
        self._limits = limits
        self._depths = Gauge(
            "mobius_queue_requests",
            "Requests that wait for a transaction or a connection, by queue.",
            ["queue"],
            registry=registry,
        )

    def group(self, name: str, serve: Serve[Request, Answer]) -> GroupCommit[Request, Answer]:
        """A group commit under the service's limits."""
        made = GroupCommit(name, serve, self._limits)
        self.show(name, lambda: made.waiting)
        return made

    def show(self, name: str, depth: Callable[[], int]) -> None:
        """Shows what waits in a queue that somebody else keeps."""
        self._depths.labels(name).set_function(depth)
