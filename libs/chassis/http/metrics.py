"""Numbers of the door, one child per operation, resolved once so that a request costs two additions."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from libs.chassis.telemetry.metrics import SECONDS


class OperationMetrics:
    """Counts one operation's answers."""

    __slots__ = ("_counter", "_name", "_refusals", "_seconds", "_statuses")

    def __init__(self, name: str, seconds: Histogram, counter: Counter, refusals: Counter) -> None:
        self._name = name
        self._refusals = refusals
        self._seconds = seconds.labels(name)
        self._counter = counter
        self._statuses: dict[int, Counter] = {}

    def observe(self, status: int, seconds: float) -> None:
        """One answer with this status after this time."""
        self._seconds.observe(seconds)
        child = self._statuses.get(status)
        if child is None:
            child = self._statuses[status] = self._counter.labels(self._name, str(status))
        child.inc()

    def refused(self, reason: str) -> None:
        """One request that could not be taken on now."""
        self._refusals.labels(self._name, reason).inc()


class DoorMetrics:
    """The metric families of one HTTP server."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "mobius_http_request_seconds",
            "Time from a request's head to its answer.",
            ["operation"],
            buckets=SECONDS,
            registry=registry,
        )
        self._answers = Counter(
            "mobius_http_answers", "Answers by operation and status.", ["operation", "status"], registry=registry
        )
        self._refusals = Counter(
            "mobius_http_refused",
            "Requests that were answered 503, by operation and reason.",
            ["operation", "reason"],
            registry=registry,
        )
        self.held = Gauge("mobius_http_held_bytes", "Request bodies at work now (bytes).", registry=registry)
        self.at_work = Gauge("mobius_http_requests_at_work", "Requests being answered now.", registry=registry)
        self.streams = Gauge("mobius_http_streams_open", "Event streams being sent now.", registry=registry)

    def operation(self, name: str) -> OperationMetrics:
        """The counters of one operation."""
        return OperationMetrics(name, self._seconds, self._answers, self._refusals)
