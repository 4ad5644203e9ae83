"""When keys were last used: what the services said of it, each about itself."""

from datetime import datetime

from libs.contracts.events.shared import ApiKeyUseState


class KeyUses:
    """Fed by the replicas of all services. The latest use at any of them counts."""

    def __init__(self) -> None:
        self._last: dict[str, datetime] = {}

    def take(self, use: ApiKeyUseState) -> None:
        """One service's word on one key."""
        known = self._last.get(use.key_id)
        if known is None or use.last_used_at > known:
            self._last[use.key_id] = use.last_used_at

    def last(self, key_id: str) -> datetime | None:
        """None: not used, as far as anybody has said."""
        return self._last.get(key_id)
