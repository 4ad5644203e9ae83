"""A dead letter keeps whatever a record was made of."""

from base64 import b64decode

from libs.chassis.bus.batch import Record
from libs.chassis.bus.dead_letters import dead_letter
from libs.contracts.events.shared import RecordDeadLettered
from tests.doubles.clock import NOON

ODD = b"\xff\xfe"


def test_every_byte_of_a_record_is_kept() -> None:
    name = ODD.decode(errors="surrogateescape")  # as the reader of odd headers hands it on
    record = Record("mobius.dispatcher-events.v1", 0, 7, 0, ODD, b"{" + ODD, [(name, ODD), ("plain", b"")])
    kept = dead_letter("engine", record, "undecodable", "expected JSON, but it is none", NOON).event.data
    assert isinstance(kept, RecordDeadLettered)
    assert (b64decode(kept.key_b64 or ""), b64decode(kept.value_b64 or "")) == (ODD, b"{" + ODD)
    assert [(b64decode(name), b64decode(value)) for name, value in kept.headers] == [(ODD, ODD), (b"plain", b"")]
