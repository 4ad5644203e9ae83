"""What steps can name: found in replicas, looked for again when they may be behind."""

import pytest

from libs.chassis.db.errors import Unavailable
from libs.chassis.decider import Rejected
from libs.contracts.events.catalog import ActionState, Annotations
from libs.contracts.events.dispatcher import PlatformActionState
from services.engine.store.actions import ActionBook


def own(name: str, **more: object) -> ActionState:
    fields = {"action_id": "act_1", "project": "p", "name": name, "endpoint_url": "http://x", "secrets": []}
    return ActionState.model_validate({**fields, **more})


def platform(name: str, **more: object) -> PlatformActionState:
    return PlatformActionState.model_validate(
        {
            "name": name,
            "integration": "slack",
            "title": name,
            "description": name,
            "input_schema": {"type": "object", "required": ["channel"]},
            "output_schema": {},
            "annotations": Annotations(idempotent=True),
            "available": True,
            **more,
        }
    )


async def test_what_was_missing_is_decided_again_after_one_look() -> None:
    states: dict[str, ActionState] = {}
    looks: list[bool] = []

    async def catch_up() -> None:
        looks.append(True)
        states["p/late"] = own("late")

    book = ActionBook(states, {}, catch_up)
    found = await book.decided(lambda: book.catalog("p").get("late"))
    assert found is not None
    assert looks == [True]
    assert await book.decided(lambda: book.catalog("p").get("late")) is found
    assert looks == [True]


async def test_a_refusal_is_decided_again_because_the_action_may_have_changed() -> None:
    looks: list[bool] = []
    refused = Rejected("invalid_argument", "expected what the action takes, but it is not")

    async def catch_up() -> None:
        looks.append(True)

    async def away() -> None:
        raise Unavailable("expected the broker, but it is away")

    assert await ActionBook({}, {}, catch_up).decided(lambda: "fine" if looks else refused) == "fine"
    assert await ActionBook({}, {}, away).decided(lambda: refused) is refused
    lost = ActionBook({}, {}, away)
    with pytest.raises(Unavailable):
        await lost.decided(lambda: lost.find("p", "late"))


async def test_a_projects_actions_are_its_own_and_a_deleted_one_is_gone() -> None:
    async def catch_up() -> None:
        pass

    book = ActionBook(
        {"p/a": own("a"), "p/gone": own("gone", deleted=True)}, {"slack.post": platform("slack.post")}, catch_up
    )
    assert book.catalog("other").get("a") is None
    assert book.catalog("p").get("gone") is None
    shared = book.catalog("other").get("slack.post")
    assert shared is not None
    assert (shared.owner, shared.endpoint_url, shared.annotations.idempotent) == ("platform", None, True)
    assert shared.input_gate is not None
    assert [one.message for one in shared.input_gate.violations({})] != []


async def test_a_changed_action_is_read_anew() -> None:
    async def catch_up() -> None:
        pass

    states = {"p/a": own("a")}
    book = ActionBook(states, {}, catch_up)
    before = book.catalog("p").get("a")
    states["p/a"] = own("a", input_schema={"type": "object"})
    after = book.catalog("p").get("a")
    assert before is not None
    assert after is not None
    assert (before.input_gate is None, after.input_gate is None) == (True, False)
