"""A state is announced again with fresh texts in the place of the old ones, and is otherwise what it was."""

from libs.contracts.events.catalog import ActionState, PendingSecret, SealedSecret
from services.catalog.store.resealing import with_fresh
from tests.doubles.clock import NOON

STATE = ActionState(
    action_id="act_1",
    project="blue",
    name="send",
    endpoint_url="https://example.com/",
    input_schema={"properties": {"a": {"default": None, "enum": [1, 1.0, "old-1x"]}}},
    secrets=[SealedSecret(version=2, sealed="old-2", created_at=NOON), SealedSecret(version=1, sealed="old-1")],
    pending_secret=PendingSecret(version=3, sealed="old-3", created_at=NOON, grace_seconds=5),
)


def test_every_text_that_was_sealed_again_is_replaced_and_nothing_else() -> None:
    again = with_fresh(STATE, {"old-1": "new-1", "old-3": "new-3"})

    assert isinstance(again, ActionState)
    assert [one.sealed for one in again.secrets] == ["old-2", "new-1"]
    assert again.pending_secret is not None
    assert again.pending_secret.sealed == "new-3"
    assert with_fresh(again, {"new-1": "old-1", "new-3": "old-3"}) == STATE
    assert repr(again.input_schema) == repr(STATE.input_schema)
