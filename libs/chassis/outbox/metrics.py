"""Numbers of the outbox and of the broker behind it, read when they are asked for."""

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Gauge

from libs.chassis.bus.producer import Producer
from libs.chassis.outbox.relay import Relay


def show_outbox(registry: CollectorRegistry, relay: Relay, producer: Producer) -> None:
    """Registers what a relay and its producer know of themselves."""
    numbers: Sequence[tuple[str, str, Callable[[], float]]] = (
        (
            "outbox_events",
            "Events of all replicas that wait to be published; an estimate.",
            lambda: relay.backlog.events,
        ),
        ("outbox_limit_events", "Events that may wait before writes are refused.", lambda: relay.backlog.most),
        ("outbox_oldest_seconds", "Age of the oldest event that this replica cannot publish.", relay.oldest_seconds),
        ("outbox_shards_owned", "Shards that this replica publishes.", lambda: len(relay.owned)),
        ("broker_reachable", "Whether Kafka answered when it was last asked (1 or 0).", lambda: producer.reachable),
    )
    for name, what, number in numbers:
        Gauge(f"mobius_{name}", what, registry=registry).set_function(number)
