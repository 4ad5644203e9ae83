from datetime import timedelta

from libs.contracts.events.shared import ApiKeyUseState
from services.catalog.store.key_uses import KeyUses
from tests.doubles.clock import NOON


def test_the_latest_use_at_any_service_counts() -> None:
    uses = KeyUses()
    for seconds in (5, 9, 7):
        uses.take(ApiKeyUseState(key_id="key_1", last_used_at=NOON + timedelta(seconds=seconds)))

    assert uses.last("key_1") == NOON + timedelta(seconds=9)
    assert uses.last("key_2") is None
