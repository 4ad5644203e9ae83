"""A probe of a new signing secret: a POST that it alone signs, and that asks for nothing but a 2xx answer.

An endpoint verifies it like any delivery and answers 2xx without doing anything. One that does not know the secret yet
refuses the signature, which is what it does with any request that it cannot verify.
"""

from datetime import datetime, timedelta

from libs.chassis.failpoints import reached
from libs.chassis.ids import new_id
from libs.contracts.codec import dump_json
from libs.contracts.events.catalog import ActionState
from libs.contracts.events.dispatcher import SecretProbe
from services.dispatcher.delivery.outcome import Delivery, Fault
from services.dispatcher.delivery.sender import Sender

PROBE = "signing_secret"
"""What stands in the body's field `probe`; no delivery has that field."""

WITHIN = timedelta(seconds=10)
"""A probe asks for no work; whoever is slower is asked again."""

_ERROR_CHARS = 200


def encode_probe(action: ActionState, version: int, delivery_id: str) -> bytes:
    """The body of a probe."""
    return dump_json(
        {
            "probe": PROBE,
            "project": action.project,
            "action": action.name,
            "secret_version": version,
            "delivery_id": delivery_id,
        }
    )


async def send_probe(
    sender: Sender, action: ActionState, version: int, secret: str, tries: int, now: datetime
) -> SecretProbe:
    """Sends the probe number `tries` and tells what came of it. Raises nothing for what others do."""
    delivery_id = new_id("probe")
    body = encode_probe(action, version, delivery_id)
    outcome = await sender.post(Delivery(action.endpoint_url, body, (secret,), delivery_id, timeout=WITHIN))
    assert reached("secret_probed")
    error = None if outcome.status is not None else f"{_cause(outcome.fault)}: {outcome.fault_text}"[:_ERROR_CHARS]
    return SecretProbe(
        version=version, at=now, tries=tries, status=outcome.status, error=error, endpoint_url=action.endpoint_url
    )


def _cause(fault: Fault | None) -> str:
    return fault.value if fault is not None else "no answer"
