"""An action whose output schema is not fit keeps working: it has no gate, and is said once."""

from typing import cast

from structlog.testing import capture_logs

from libs.chassis.sealing import Sealer
from libs.contracts.codec import JsonObject
from libs.contracts.events.catalog import ActionState
from services.dispatcher.store.actions import ActionBook
from tests.doubles.clock import NOON


def state(schema: JsonObject) -> ActionState:
    return ActionState(
        action_id="act_1", project="p", name="work", endpoint_url="http://x.test/", output_schema=schema, secrets=[]
    )


def test_a_schema_that_does_not_compile_is_no_gate_and_is_logged_once() -> None:
    unfit, fit = state({"type": "nonsense"}), state({"type": "object"})
    book = ActionBook({"p/work": unfit, "p/fit": fit}, cast(Sealer, None), lambda: NOON)
    with capture_logs() as logged:
        assert book.output_gate("p", "work") is None
        assert book.output_gate("p", "work") is None
    assert [line["event"] for line in logged] == ["output_schema_unfit"]
    gate = book.output_gate("p", "fit")
    assert gate is not None
    assert gate.violations(3)
