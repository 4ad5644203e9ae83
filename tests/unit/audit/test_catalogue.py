"""The actions that pages list: from states as they arrive, in any order, and without a secret."""

import gc
from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations

import pytest

from libs.contracts.events.catalog import ActionState, Annotations, IntegrationState, PendingSecret, SealedSecret
from libs.contracts.events.dispatcher import PlatformActionState, PlatformIntegrationState, SecretUse, SecretUseState
from libs.contracts.payload import Payload
from services.audit.store.catalogue import Catalogue
from tests.doubles.clock import NOON

SEALED = "sealed-canary"
LATER = NOON + timedelta(minutes=1)


def action(name: str, *, deleted: bool = False, action_id: str = "act_1") -> ActionState:
    return ActionState(
        action_id=action_id,
        project="p",
        name=name,
        endpoint_url="https://example.test/hook",
        annotations=Annotations(idempotent=True),
        secrets=[SealedSecret(version=1, sealed=f"{SEALED}-1", created_at=NOON, expires_at=LATER)],
        pending_secret=PendingSecret(version=2, sealed=f"{SEALED}-2", created_at=LATER, grace_seconds=1),
        deleted=deleted,
    )


def used(name: str, action_id: str = "act_1") -> SecretUseState:
    uses = [SecretUse(version=1, accepted_at=LATER)]
    return SecretUseState(action_id=action_id, project="p", name=name, uses=uses)


def connection(*, sealed: str | None) -> IntegrationState:
    return IntegrationState(project="p", integration="slack", connection_version=1, sealed=sealed)


def platform(name: str, *, withdrawn: bool = False) -> PlatformActionState:
    return PlatformActionState(
        name=name,
        integration="slack",
        title="T",
        description="D",
        input_schema={},
        output_schema={},
        annotations=Annotations(),
        available=False,
        withdrawn=withdrawn,
    )


def integration(*, withdrawn: bool = False) -> PlatformIntegrationState:
    return PlatformIntegrationState(
        integration="slack",
        title="Slack",
        description="D",
        connect_help="H",
        needs_connection=True,
        has_default=False,
        withdrawn=withdrawn,
    )


def told(*states: Payload) -> Catalogue:
    catalogue = Catalogue()
    tell(catalogue, *states)
    return catalogue


def tell(catalogue: Catalogue, *states: Payload) -> None:
    feeds = {feed.topic.split(".")[1]: feed for feed in catalogue.feeds}
    topics = {
        ActionState: "catalog-action-state",
        IntegrationState: "catalog-integration-state",
        PlatformActionState: "dispatcher-action-state",
        PlatformIntegrationState: "dispatcher-integration-state",
        SecretUseState: "dispatcher-secret-use-state",
    }
    for state in states:
        feeds[topics[type(state)]].apply("key", state)


def names(catalogue: Catalogue, project: str = "p") -> list[str]:
    return [card.name for card in catalogue.actions(project)]


def test_actions_of_the_project_and_the_platform_are_one_list_by_name() -> None:
    catalogue = told(action("c"), action("a"), platform("b"), action("c"))
    assert names(catalogue) == ["a", "b", "c"]
    assert names(catalogue, "q") == ["b"]
    assert [card.source for card in catalogue.actions("p")] == ["project", "platform", "project"]


def test_what_is_deleted_or_withdrawn_is_gone() -> None:
    catalogue = told(action("a"), platform("b"), integration(), action("c"))
    tell(catalogue, action("a", deleted=True), platform("b", withdrawn=True), integration(withdrawn=True))
    tell(catalogue, action("never", deleted=True))
    assert names(catalogue) == ["c"]
    assert (catalogue.action("p", "a"), catalogue.action("p", "b"), catalogue.integrations("p")) == (None, None, [])


STATES = [action("a"), used("a"), connection(sealed=SEALED), platform("b")]


@pytest.mark.parametrize("states", list(permutations(STATES)))
def test_the_order_in_which_topics_are_read_does_not_matter(states: tuple[Payload, ...]) -> None:
    catalogue = told(*states)
    own, provided = catalogue.actions("p")
    assert [(one.version, one.pending, one.accepted_at) for one in own.secrets] == [(2, True, None), (1, False, LATER)]
    assert [one.expires_at for one in own.secrets] == [None, LATER]
    assert provided.available


def test_what_is_known_of_an_earlier_action_of_the_name_is_not_shown() -> None:
    for states in permutations([action("a", action_id="act_2"), used("a", "act_1")]):
        card = told(*states).action("p", "a")
        assert card is not None
        assert [one.accepted_at for one in card.secrets] == [None, None]


def test_platform_actions_are_available_where_the_project_is_connected() -> None:
    catalogue = told(platform("b"), integration(), connection(sealed=SEALED))
    assert [(one.connected, one.usable) for one in catalogue.integrations("p")] == [(True, True)]
    assert [(one.connected, one.usable) for one in catalogue.integrations("q")] == [(False, False)]
    assert [card.available for card in catalogue.actions("q")] == [False]
    tell(catalogue, connection(sealed=None))
    assert [card.available for card in catalogue.actions("p")] == [False]


def test_a_state_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match=r"expected action\.state"):
        Catalogue().feeds[0].apply("key", integration())


def test_no_secret_is_anywhere_in_memory() -> None:
    catalogue = told(action("a"), used("a"), connection(sealed=SEALED), platform("b"), integration())
    texts = {text for text in reachable(catalogue) if isinstance(text, str)}
    assert "https://example.test/hook" in texts
    assert [text for text in texts if SEALED in text] == []


def reachable(root: object) -> Iterator[object]:
    """Everything that is held by `root`, but for classes and modules."""
    seen: set[int] = set()
    left = [root]
    while left:
        one = left.pop()
        if id(one) not in seen and not isinstance(one, type) and not hasattr(one, "__file__"):
            seen.add(id(one))
            yield one
            left += gc.get_referents(one) if not callable(one) else ()
