from datetime import timedelta

from libs.access.keys import KeyRing
from libs.chassis.http import Principal, Role
from libs.contracts.events.catalog import ApiKeyState
from tests.doubles.clock import NOON

HOUR = timedelta(hours=1)


def key(**changes: object) -> ApiKeyState:
    fields = {"key_id": "key_1", "token_sha256": "aa", "name": "ci", "role": "author", "project": "blue"}
    return ApiKeyState.model_validate(fields | changes)


def test_a_known_key_names_its_holder() -> None:
    ring = KeyRing()
    ring.take(key())

    assert ring.find("aa", NOON) == Principal("key_1", Role.AUTHOR, "blue")


def test_an_unknown_key_is_nobodys() -> None:
    assert KeyRing().find("aa", NOON) is None


def test_a_revoked_key_is_known_but_nobodys() -> None:
    ring = KeyRing()
    ring.take(key())
    ring.take(key(revoked=True))

    assert ring.find("aa", NOON) is None
    assert ring.knows("aa")


def test_a_key_expires_at_its_moment() -> None:
    ring = KeyRing()
    ring.take(key(expires_at=NOON + HOUR))

    assert ring.find("aa", NOON + HOUR - timedelta(microseconds=1)) is not None
    assert ring.find("aa", NOON + HOUR) is None


def test_every_change_changes_the_version() -> None:
    ring = KeyRing()
    before = ring.version(NOON)
    ring.take(key())

    assert ring.version(NOON) != before


def test_an_expiry_changes_the_version_once() -> None:
    ring = KeyRing()
    ring.take(key(token_sha256="bb", expires_at=NOON + 2 * HOUR))
    ring.take(key(expires_at=NOON + HOUR))
    before = ring.version(NOON)

    assert ring.version(NOON + HOUR - timedelta(microseconds=1)) == before
    after = ring.version(NOON + HOUR)
    assert after != before
    assert ring.version(NOON + HOUR) == after
    assert ring.version(NOON + 2 * HOUR) != after
