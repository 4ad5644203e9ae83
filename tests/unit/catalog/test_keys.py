from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from libs.chassis.decider import Rejected, fold
from libs.chassis.journal.entry import Context, entries
from libs.contracts.events.catalog import ApiKeyCreated, ApiKeyRevoked, ApiKeyState
from libs.contracts.payload import Payload
from services.catalog.domain.keys import (
    LAST_ADMIN,
    ApiKey,
    CreateApiKey,
    KeyStatus,
    RevokeApiKey,
    announcement,
    decide,
    evolve,
)
from tests.doubles.clock import NOON

HOUR = timedelta(hours=1)
CONTEXT = Context(service="catalog", project="blue", now=NOON, actor="key_0")
ISSUE = CreateApiKey("key_1", "aa", "ci", "author", "blue")
KEY = ApiKey("key_1", "aa", "ci", "author", "blue", NOON, created_by="key_0")
KEEPER = ApiKey("key_1", "aa", "root", "admin", None, NOON)


def after(state: ApiKey | None, *said: Payload) -> ApiKey | None:
    return fold(evolve, state, [entry.event for entry in entries(CONTEXT, "key_1", 0, "key_1", said)])


def test_a_key_is_issued_and_its_event_has_no_hash() -> None:
    events = decide(None, ISSUE, NOON)

    assert events == [ApiKeyCreated(key_id="key_1", name="ci", role="author", project="blue")]
    assert "aa" not in repr(events)


def test_an_issued_key_is_there_and_announced_by_its_hash() -> None:
    (entry,) = entries(CONTEXT, "key_1", 0, "key_1", list(decide(None, ISSUE, NOON)))  # type: ignore[arg-type]
    key = evolve(None, entry.event, "aa")

    assert key == KEY
    assert announcement(KEY) == ApiKeyState(key_id="key_1", token_sha256="aa", name="ci", role="author", project="blue")


def test_a_key_is_issued_once() -> None:
    rejected = decide(KEY, ISSUE, NOON)

    assert isinstance(rejected, Rejected)
    assert rejected.kind == "already_exists"


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (CreateApiKey("key_1", "aa", " ci", "author"), "name"),
        (CreateApiKey("key_1", "aa", "ci\n", "author"), "name"),
        (CreateApiKey("key_1", "aa", "ci", "author", expires_at=NOON), "expires_at"),
    ],
)
def test_a_bad_key_is_refused_by_its_field(command: CreateApiKey, field: str) -> None:
    rejected = decide(None, command, NOON)

    assert isinstance(rejected, Rejected)
    assert (rejected.kind, rejected.field) == ("invalid_argument", field)


def test_no_key_outlives_the_expiring_one_that_made_it() -> None:
    def asked(expires_at: datetime | None, maker_ends_at: datetime | None) -> str | None:
        command = replace(ISSUE, expires_at=expires_at, maker_ends_at=maker_ends_at)
        decided = decide(None, command, NOON)
        return decided.field if isinstance(decided, Rejected) else None

    assert asked(None, None) is asked(NOON + HOUR, None) is None
    assert asked(NOON + HOUR, NOON + HOUR) is None
    assert asked(NOON + HOUR + timedelta(microseconds=1), NOON + HOUR) == "expires_at"
    assert asked(None, NOON + HOUR) == "expires_at"


def test_a_key_is_revoked_once() -> None:
    said = decide(KEY, RevokeApiKey(another_keeps_the_door=False), NOON)
    assert said == [ApiKeyRevoked(key_id="key_1", name="ci", role="author", project="blue")]
    revoked = after(KEY, *said)

    assert revoked is not None
    assert revoked.revoked_at == NOON
    assert announcement(revoked).revoked
    assert decide(revoked, RevokeApiKey(another_keeps_the_door=False), NOON) == []


def test_what_is_no_key_is_not_revoked() -> None:
    rejected = decide(None, RevokeApiKey(another_keeps_the_door=True), NOON)

    assert isinstance(rejected, Rejected)
    assert rejected.kind == "not_found"


def test_the_last_key_that_can_always_make_others_stays() -> None:
    assert decide(KEEPER, RevokeApiKey(another_keeps_the_door=False), NOON) == LAST_ADMIN
    assert decide(KEEPER, RevokeApiKey(another_keeps_the_door=True), NOON) != LAST_ADMIN


@pytest.mark.parametrize(
    "other",
    [
        ApiKey("key_1", "aa", "x", "admin", "blue", NOON),
        ApiKey("key_1", "aa", "x", "author", None, NOON),
        ApiKey("key_1", "aa", "x", "admin", None, NOON, expires_at=NOON + HOUR),
    ],
)
def test_any_other_key_may_go(other: ApiKey) -> None:
    assert decide(other, RevokeApiKey(another_keeps_the_door=False), NOON) != LAST_ADMIN


@pytest.mark.parametrize(
    ("key", "status"),
    [
        (KEY, "active"),
        (ApiKey("key_1", "aa", "x", "admin", None, NOON, expires_at=NOON + HOUR), "active"),
        (ApiKey("key_1", "aa", "x", "admin", None, NOON, expires_at=NOON), "expired"),
        (ApiKey("key_1", "aa", "x", "admin", None, NOON, expires_at=NOON, revoked_at=NOON), "revoked"),
    ],
)
def test_a_key_is_active_until_it_expires_or_is_revoked(key: ApiKey, status: KeyStatus) -> None:
    assert key.status(NOON) == status


def test_other_events_change_nothing() -> None:
    said = ApiKeyCreated(key_id="key_1", name="ci", role="author")
    assert after(None, ApiKeyRevoked(key_id="key_1", name="ci", role="author")) is None
    assert after(KEY, said) == ApiKey("key_1", "", "ci", "author", None, NOON, created_by="key_0")
