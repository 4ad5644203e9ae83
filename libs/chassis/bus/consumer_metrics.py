"""What a consumer counts: dead letters, parked streams, and how far it is behind."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from libs.chassis.bus.positions import Place


class ConsumerMetrics:
    """`mobius_dead_letters_total{reason}`, `mobius_parked_streams`, `mobius_consumer_lag_records{topic,partition}`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._letters = Counter(
            "mobius_dead_letters", "Records that were set aside, by reason.", ["reason"], registry=registry
        )

    def dead_lettered(self, reason: str) -> None:
        self._letters.labels(reason).inc()

    def watch(self, parked: Callable[[], int], lags: Callable[[], Mapping[Place, int]]) -> None:
        """Asked whenever somebody looks."""
        text = "Streams whose records are kept until somebody lets them go on, in the partitions of this replica."
        Gauge("mobius_parked_streams", text, registry=self._registry).set_function(parked)
        self._registry.register(_Lags(lags))


class _Lags(Collector):
    """Partitions come and go, so that there is no gauge for each."""

    def __init__(self, lags: Callable[[], Mapping[Place, int]]) -> None:
        self._lags = lags

    def collect(self) -> Iterable[GaugeMetricFamily]:
        text = "Records of the topic that are not consumed yet, in the partitions of this replica."
        family = GaugeMetricFamily("mobius_consumer_lag_records", text, labels=["topic", "partition"])
        for (topic, partition), behind in self._lags().items():
            family.add_metric([topic, str(partition)], behind)
        yield family
