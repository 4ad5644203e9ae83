"""The keys that are valid now, by the hash of their token."""

from bisect import insort
from datetime import datetime

from libs.chassis.http import Principal, Role
from libs.contracts.events.catalog import ApiKeyState
from libs.contracts.events.catalog import Role as RoleName

ROLES: dict[RoleName, Role] = {
    "viewer": Role.VIEWER,
    "worker": Role.WORKER,
    "author": Role.AUTHOR,
    "admin": Role.ADMIN,
}


class KeyRing:
    """Follows the states of keys. `version` grows with every change and whenever a key has just expired."""

    def __init__(self) -> None:
        self._by_hash: dict[str, ApiKeyState] = {}
        self._expiries: list[datetime] = []
        self._version = 0

    def take(self, key: ApiKeyState) -> None:
        """Takes over the latest of a key. A revoked one stays known as revoked."""
        self._by_hash[key.token_sha256] = key
        if key.expires_at is not None:
            insort(self._expiries, key.expires_at)
        self._version += 1

    def version(self, now: datetime) -> int:
        """Changes whenever an answer of `find` may be another than before."""
        while self._expiries and self._expiries[0] <= now:
            self._expiries.pop(0)
            self._version += 1
        return self._version

    def knows(self, sha256: str) -> bool:
        """Whether there ever was such a key."""
        return sha256 in self._by_hash

    def find(self, sha256: str, now: datetime) -> Principal | None:
        """The holder of the key, unless it is unknown, revoked or expired."""
        key = self._by_hash.get(sha256)
        if key is None or key.revoked or (key.expires_at is not None and key.expires_at <= now):
            return None
        return Principal(key.key_id, ROLES[key.role], key.project)
