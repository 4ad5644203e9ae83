"""What an outgoing request may take: time, bytes, connections."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class DeliveryLimits:
    """The defaults are the product's; the composition root fills in the operator's settings."""

    connect_timeout: timedelta = timedelta(seconds=5)
    """From asking for a connection (a free place in the pool, DNS, TCP, TLS) to having it."""

    total_timeout: timedelta = timedelta(seconds=30)
    """For one attempt, to the last byte of the answer; a delivery may bring its own."""

    response_bytes: int = 1024 * 1024
    """The longest answer that is read; what is longer is cut off."""

    connections: int = 200
    """Open connections to all targets together; further attempts wait, within the connect timeout."""

    connections_per_host: int = 50
    """Open connections to one target, so that a slow one leaves room for the others."""

    keepalive: timedelta = timedelta(seconds=4)
    """How long an idle connection is kept: less than the five seconds after which common servers hang up."""

    retry_after: timedelta = timedelta(hours=1)
    """The longest pause that an answer's Retry-After can ask for."""
