"""docs/reference/delivery.md: what is POSTed, how it is signed, and what an answer amounts to."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from deploy.reference.markdown import code, page, table
from libs.contracts.events.catalog import ActionState, Annotations
from libs.contracts.signing import TIMESTAMP_TOLERANCE, new_signing_secret, signature_headers
from services.dispatcher.delivery.classification import TABLE, Cause, may_retry
from services.dispatcher.delivery.envelope import Invocation, encode_body
from services.dispatcher.delivery.secret_probe import WITHIN, encode_probe

_SECRET: Final = new_signing_secret(bytes(range(32)))
_JOB: Final = "job_01kjpy44hxebstkhmnvhnrt6rj"
_EXAMPLE: Final = Invocation(
    run_id="run_01kjpy44hxebstkhmnvhnrt6rh",
    step_key="summarize",
    parameters={"doc_id": "minutes-2026-03"},
    project="default",
    action="summarize-document",
    job_id=_JOB,
    attempt=1,
    delivery_id=_JOB,
)
_PROBED: Final = ActionState(
    action_id="act_01kjpy44hxebstkhmnvhnrt6rk",
    project="default",
    name="summarize-document",
    endpoint_url="https://example.com/",
    secrets=[],
)
_SENT_AT: Final = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_FIELDS: Final = (
    ("run_id", "The run that the step belongs to."),
    ("step_key", "The step's name in the workflow."),
    ("parameters", "What the step hands over; it has passed the action's input schema."),
    ("project", "The handle of the project."),
    ("action", "The action's name: one endpoint may serve several."),
    ("job_id", "The invocation. It is the same however often it is sent."),
    ("attempt", "Rises when a lease expired and the work was given out again."),
    ("delivery_id", "What to deduplicate by; also the header `webhook-id`."),
    ("dry_run", "True: nothing may change in the world because of this request."),
)
_PROMISES: Final = (
    ("idempotent or read_only", Annotations(idempotent=True)),
    ("no promise", Annotations()),
    ("destructive", Annotations(destructive=True)),
)


def delivery_page() -> str:
    """The request, then the classification of answers."""
    lines = ["Why it is so: [delivery](../concepts/delivery.md). How to check it:"]
    lines += ["[verify a signature](../how-to/verify-a-signature.md).", "", "## The request", ""]
    lines += ["A POST to the endpoint of the action. This one is signed with the secret", f"`{_SECRET}`:", ""]
    lines += code("http", "\n".join(_request()))
    lines += table(("field", "meaning"), ((f"`{name}`", meaning) for name, meaning in _FIELDS))
    minutes = int(TIMESTAMP_TOLERANCE.total_seconds() // 60)
    lines += [
        f"Refuse a timestamp that is more than {minutes} minutes off. A trace that is recorded adds `traceparent`."
    ]
    lines += ["", "## The answer", "", "A 2xx answer's body is JSON and becomes the result; an empty body is `null`."]
    lines += ["Everything else is a row of this table.", "", *table(_head(), _rows()), *_legend()]
    lines += ["", "## A probe", "", *_probe()]
    return page("Delivery", "services/dispatcher/delivery", lines)


def _request() -> Iterator[str]:
    body = encode_body(_EXAMPLE)
    yield "POST /actions/summarize-document HTTP/1.1"
    yield "Content-Type: application/json"
    yield "Accept: application/json"
    for name, value in signature_headers([_SECRET], _JOB, _SENT_AT, body).items():
        yield f"{name}: {value}"
    yield ""
    yield body.decode()


def _probe() -> Iterator[str]:
    yield "While a signing secret is [rotated with a proof](../how-to/rotate-secrets.md#with-a-proof), the endpoint"
    yield "gets POSTs that only the new secret signs, with the same headers and this body:"
    yield ""
    yield from code("json", encode_probe(_PROBED, 2, "probe_01kjpy44hxebstkhmnvhnrt6rj").decode())
    yield f"Any 2xx answer within {WITHIN.total_seconds():g} seconds accepts the secret; its body is not read."


def _head() -> tuple[str, ...]:
    return ("cause", "what happened", "error type", *(f"again: {name}" for name, _ in _PROMISES), "surely not done")


def _rows() -> Iterator[tuple[str, ...]]:
    for cause in Cause:
        ruling = TABLE[cause]
        error = f"`{ruling.error_type}`" + (f", or `{ruling.unrepeatable}` ¹" if ruling.unrepeatable else "")
        again = ("yes" if may_retry(ruling.retry, annotations) else "–" for _, annotations in _PROMISES)
        yield f"`{cause.value}`", ruling.meaning, error, *again, "yes" if ruling.certain else "–"


def _legend() -> list[str]:
    return [
        "¹ for an action that is neither `idempotent` nor `read_only`: it may have been carried out, and nobody knows.",
        "",
        "**Again** is what happens without asking anybody, with the same `delivery_id`, after a pause that doubles, or",
        "after the answer's `Retry-After` where that is longer. The failure's `details.cause` names the row.",
    ]
