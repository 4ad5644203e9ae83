"""How soon a failed attempt is followed by the next, where the annotations allow one."""

from dataclasses import dataclass
from datetime import timedelta

from services.dispatcher.delivery.verdict import Failure

_MOST_DOUBLINGS = 20


@dataclass(frozen=True)
class RetryPace:
    """Doubling pauses with jitter; the other side's Retry-After is waited for at least."""

    attempts: int = 4
    """Attempts altogether, the first one included."""

    base: timedelta = timedelta(seconds=1)
    most: timedelta = timedelta(minutes=1)

    def pause_after(self, failure: Failure, attempts_made: int, jitter: float) -> timedelta | None:
        """The pause before the next attempt; None when there is none. `jitter` is random, from 0 to 1."""
        if not failure.retryable or attempts_made >= self.attempts:
            return None
        doubled = min(self.most, self.base * (1 << min(attempts_made - 1, _MOST_DOUBLINGS)))
        own = doubled * (0.5 + jitter / 2)
        return max(own, failure.retry_after or timedelta(0))
