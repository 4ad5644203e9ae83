"""Whatever is changed in whatever order: an action is what was said last of each field, and every state has its tag."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from libs.chassis.decider import Rejected
from libs.chassis.journal.entry import Context, entry
from libs.contracts.events.catalog import Annotations
from libs.contracts.registry import decode
from libs.contracts.targets import TargetPolicy
from services.catalog.domain.action_changes import UpdateAction, decide_update
from services.catalog.domain.actions import Action, Schema, evolve
from tests.doubles.clock import NOON

FIELDS = ("title", "description", "endpoint_url", "input_schema", "output_schema", "annotations")
SCHEMAS: st.SearchStrategy[Schema] = st.fixed_dictionaries(
    {}, optional={"type": st.sampled_from(["object", "string"]), "default": st.sampled_from([0, 0.0, False, "", None])}
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["", "a", "b"]),
        "description": st.sampled_from(["", "a", "b"]),
        "endpoint_url": st.sampled_from(["https://example.com/a", "https://example.com/b", "ftp://nowhere"]),
        "input_schema": SCHEMAS,
        "output_schema": SCHEMAS,
        "annotations": st.none() | st.builds(Annotations, idempotent=st.booleans(), read_only=st.booleans()),
        "wanted": st.sampled_from([frozenset({"act_1.1"}), frozenset({"act_1.2", "act_1.3"})]),
    },
)
START = Action("act_1", "p", "a", None, None, "https://example.com/", None, None, None, 1, NOON, NOON)
CONTEXT = Context(service="catalog", project="p", now=NOON)


@given(st.lists(CHANGES, max_size=12), st.booleans())
def test_an_action_is_what_was_said_last(changes: list[dict[str, object]], accepting: bool) -> None:
    action, expected = START, {name: getattr(START, name) for name in FIELDS}
    tags = {action.tag: repr(expected)}
    for change in changes:
        command = UpdateAction(TargetPolicy(), accept_breaking="test" if accepting else None, **change)  # type: ignore[arg-type]
        decided = decide_update(action, command, NOON)
        if isinstance(decided, Rejected):
            assert is_refused_rightly(decided, change, action, accepting=accepting)
            continue
        expected |= {name: value for name, value in change.items() if name in FIELDS}
        for event in decided:
            said = decode(entry(CONTEXT, action.action_id, action.version + 1, action.key, event).raw)
            after = evolve(action, said)
            assert after is not None
            action = after
        assert repr({name: getattr(action, name) for name in FIELDS}) == repr(expected)
        assert tags.setdefault(action.tag, repr(expected)) == repr(expected)


def is_refused_rightly(refused: Rejected, change: Mapping[str, object], action: Action, *, accepting: bool) -> bool:
    """By something that the change has: a tag that is not the action's, an address that is none, schemas."""
    match refused.code:
        case "precondition_failed":
            wanted = change["wanted"]
            return isinstance(wanted, frozenset) and action.tag not in wanted
        case "breaking_change":
            return not accepting and bool({"input_schema", "output_schema"} & set(change))
        case _:
            return change.get("endpoint_url") == "ftp://nowhere"
