"""The registry refuses what does not fit, with its name, and lets nothing out that an integration should have kept."""

from collections.abc import Sequence
from typing import ClassVar, cast

import pytest
from structlog.testing import capture_logs

from libs.contracts.codec import JsonObject
from libs.contracts.events.catalog import Annotations
from services.dispatcher.delivery.integrations.entry_points import built_in
from services.dispatcher.delivery.integrations.port import (
    Connecting,
    Integration,
    IntegrationAction,
    InvocationContext,
    Room,
)
from services.dispatcher.delivery.integrations.redaction import SHORTEST, redacted, secrets_in
from services.dispatcher.delivery.integrations.registry import IntegrationRegistry
from services.dispatcher.delivery.verdict import Failure, Success, Verdict

SECRET = "a-very-secret-token"
CREDENTIALS: JsonObject = {"account": "reading", "token": SECRET}
CONNECTING = Connecting(
    {"type": "object", "properties": {"account": {"type": "string"}, "token": {"type": "string", "writeOnly": True}}},
    "Ask somebody.",
)


def action(name: str, input_schema: JsonObject | None = None) -> IntegrationAction:
    return IntegrationAction(name, "Do it", "It is done.", input_schema or {}, {}, Annotations())


class Toy(Integration):
    """Does what it is told to."""

    slug: ClassVar[str] = "toy"
    title = "Toy"
    description = "For tests."
    connecting = CONNECTING
    actions: ClassVar[Sequence[IntegrationAction]] = (action("toy.do-it"),)

    def __init__(self, verdict: Verdict | Exception = Success(None), opens: bool = True) -> None:  # noqa: B008
        self._verdict = verdict
        self._opens = opens

    async def open(self) -> None:
        if not self._opens:
            raise OSError("no room")

    async def invoke(self, action: str, parameters: JsonObject, context: InvocationContext) -> Verdict:
        if isinstance(self._verdict, Exception):
            raise self._verdict
        return self._verdict

    async def test(self, credentials: JsonObject) -> Verdict:
        raise ValueError(f"what is {credentials['token']}?")


def like_toy(**changes: object) -> Integration:
    return type("Odd", (Toy,), changes)()  # type: ignore[no-any-return]


ODD = {
    "an empty slug": {"slug": ""},
    "a slug with a dot": {"slug": "a.b"},
    "a reserved slug": {"slug": "mobius"},
    "a name of somebody else's": {"actions": (action("slack.do-it"),)},
    "no action": {"actions": ()},
    "two of a name": {"actions": (action("toy.a"), action("toy.a"))},
    "a schema that is none": {"actions": (action("toy.a", {"type": "nonsense"}),)},
    "credentials that are none": {"connecting": Connecting({"type": 7}, "")},
    "no slug at all": {"slug": None},
}


@pytest.mark.parametrize("changes", ODD.values(), ids=ODD)
async def test_one_that_does_not_fit_is_refused_with_its_name_and_the_others_work(changes: dict[str, object]) -> None:
    good = like_toy(slug="good", actions=(action("good.do-it"),))
    with capture_logs() as logged:
        async with IntegrationRegistry([like_toy(**changes), good]) as registry:
            assert [bound.action.name for bound in registry.all()] == ["good.do-it"]
            assert registry.integrations() == (good,)
    (refusal,) = [line for line in logged if line["event"] == "integration_refused"]
    assert refusal["integration"] in ("toy", "Odd", changes.get("slug"))
    assert refusal["error"]


async def test_the_second_of_a_slug_is_refused() -> None:
    registry = IntegrationRegistry([Toy(), Toy()])
    assert list(registry.refused) == ["toy"]
    assert len(registry.all()) == 1


async def test_one_that_cannot_be_opened_offers_nothing() -> None:
    async with IntegrationRegistry([Toy(opens=False), like_toy(slug="b", actions=(action("b.c"),))]) as registry:
        assert registry.find("toy.do-it") is None
        assert registry.integration("toy") is None
        assert registry.refused == {"toy": "OSError: no room"}
        assert registry.find("b.c") is not None


async def invoked(toy: Toy) -> Verdict:
    bound = IntegrationRegistry([toy]).find("toy.do-it")
    assert bound is not None
    return await bound.invoke({}, InvocationContext("p", "r", "s", "i", 1, credentials=CREDENTIALS))


async def test_a_bug_of_an_integration_is_a_failure_that_quotes_nothing() -> None:
    toy = Toy(KeyError(SECRET))
    with capture_logs() as logged:
        failure = await invoked(toy)
        trial = await IntegrationRegistry([toy]).test(toy, CREDENTIALS)
    for one in (failure, trial):
        assert isinstance(one, Failure)
        assert (one.error_type, one.certain) == ("fatal_error", False)
        assert SECRET not in repr(one)
    assert SECRET not in str(logged)
    assert [line["integration"] for line in logged] == ["toy", "toy"]


async def test_a_secret_that_an_integration_lets_out_stays_in() -> None:
    nested: JsonObject = {"a": [{SECRET: f"Bearer {SECRET}!"}, 7, None], "account": "reading"}
    success = await invoked(Toy(Success(nested)))
    failure = await invoked(Toy(Failure("x", f"no {SECRET}", False, True, details=nested)))
    assert success == Success({"a": [{"[redacted]": "Bearer [redacted]!"}, 7, None], "account": "reading"})
    assert isinstance(failure, Failure)
    assert (SECRET in repr(failure), failure.sentence) == (False, "no [redacted]")


def test_only_what_is_secret_and_long_enough_to_be_one_is_taken_out() -> None:
    assert secrets_in(CONNECTING, CREDENTIALS) == [SECRET]
    assert secrets_in(CONNECTING, {"token": "short"}) == []
    assert secrets_in(None, CREDENTIALS) == []
    assert redacted(Success("as it was"), []) == Success("as it was")


def test_no_secret_is_taken_that_could_not_be_taken_out_again() -> None:
    offered = built_in(Room(), ("http://127.0.0.1:9/", None), ("http://127.0.0.1:9/", None))
    schemas = [one.connecting.schema for one in offered if one.connecting is not None]
    fields = [field for schema in schemas for field in cast("dict[str, JsonObject]", schema["properties"]).values()]
    shortest = [cast(int, field.get("minLength", 0)) for field in fields if field.get("writeOnly")]

    assert len(shortest) == 5
    assert min(shortest) >= SHORTEST


def test_a_secret_inside_a_longer_one_leaves_nothing_behind() -> None:
    schema: JsonObject = {"properties": {"a": {"writeOnly": True}, "b": {"writeOnly": True}}}
    secrets = secrets_in(Connecting(schema, ""), {"a": "secret", "b": "secret-and-more"})
    assert redacted(Success("secret-and-more, secret"), secrets) == Success("[redacted], [redacted]")


def test_credentials_are_in_no_repr() -> None:
    assert SECRET not in repr(InvocationContext("p", "r", "s", "i", 1, credentials=CREDENTIALS))
