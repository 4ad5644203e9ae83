"""The engine's own numbers: what happened to runs, and how many are in memory."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge

from libs.chassis.journal.entry import Entry


class EngineMetrics:
    """`mobius_engine_events_total{type}` counts committed events, so starts, ends and steps by how they went."""

    def __init__(self, registry: CollectorRegistry, cached: Callable[[], int]) -> None:
        self._events = Counter(
            "mobius_engine_events", "Events of runs that were committed, by type.", ["type"], registry=registry
        )
        self._by_type: dict[str, Counter] = {}
        Gauge("mobius_engine_runs_cached", "Runs whose state is in memory.", registry=registry).set_function(cached)

    def committed(self, appended: Iterable[Entry]) -> None:
        """Counts once per type and batch."""
        for kind, count in Tally(entry.event.type for entry in appended).items():
            child = self._by_type.get(kind)
            if child is None:
                child = self._by_type[kind] = self._events.labels(kind)
            child.inc(count)
