"""The receiver believes nothing without both signatures, works once per delivery id, and logs whatever arrives."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import jsonschema
import pytest
from deepnoodle.mobius.webhook import sign_webhook_payload
from standardwebhooks import Webhook

from demo.delivery_log import DeliveryLog
from demo.documents import load_documents
from demo.local_server import LocalServer
from demo.receiver import ENDPOINT_PATH, Receiver
from demo.summarise import summarise
from demo.summarize_action import ACTION_NAME, OUTPUT_SCHEMA
from libs.contracts.codec import JsonObject, dump_json, parse_json

SECRET = "whsec_bW9iaXVzLWRlbW8tcmVjZWl2ZXItdGVzdC1rZXktMzI="
DOCUMENTS = load_documents()
DOC_ID = next(iter(DOCUMENTS))


@pytest.fixture
def receiver(tmp_path: Path) -> Receiver:
    return Receiver(DOCUMENTS, DeliveryLog(tmp_path / "log" / "deliveries.jsonl"), SECRET)


@pytest.fixture
async def endpoint(receiver: Receiver) -> AsyncIterator[str]:
    async with LocalServer(receiver.app()) as server:
        yield server.url + ENDPOINT_PATH


def body(doc_id: str = DOC_ID, delivery_id: str = "dlv_1", attempt: int = 1) -> bytes:
    fields: JsonObject = {
        "run_id": "run_1",
        "step_key": "main/summarize",
        "parameters": {"doc_id": doc_id},
        "project": "default",
        "action": ACTION_NAME,
        "job_id": "job_1",
        "attempt": attempt,
        "delivery_id": delivery_id,
        "dry_run": False,
    }
    return dump_json(fields)


def signed(raw: bytes, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    now = at or datetime.now(UTC)
    return {
        "webhook-id": "dlv_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("dlv_1", now, raw.decode()),
        "X-Mobius-Signature": sign_webhook_payload(secret, raw),
    }


async def post(url: str, raw: bytes, headers: dict[str, str]) -> tuple[int, dict[str, object]]:
    async with aiohttp.ClientSession() as session, session.post(url, data=raw, headers=headers) as answer:
        return answer.status, {**await answer.json()}


async def test_signed_delivery_is_summarised_as_the_schema_says(receiver: Receiver, endpoint: str) -> None:
    status, answer = await post(endpoint, body(), signed(body()))
    assert status == 200
    jsonschema.validate(answer, dict(OUTPUT_SCHEMA))
    assert answer["summary"] == summarise(DOCUMENTS[DOC_ID].text).text
    (delivery,) = receiver.log.deliveries
    assert (delivery.doc_id, delivery.run_id, delivery.job_id, delivery.attempt) == (DOC_ID, "run_1", "job_1", 1)
    assert (delivery.verified, delivery.repeated, delivery.status, receiver.summaries_made) == (True, False, 200, 1)


def without(headers: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}


OTHER_SECRET = "whsec_YW5vdGhlci1zZWNyZXQtb2YtdGhpcnR5LXR3by1ieXRlcw=="
OLD = datetime.now(UTC) - timedelta(minutes=6)
FORGERIES = {
    "no headers": {},
    "another secret": signed(body(), OTHER_SECRET),
    "another body": signed(body(doc_id="something-else")),
    "six minutes old": signed(body(), at=OLD),
    "no X-Mobius-Signature": without(signed(body()), "X-Mobius-Signature"),
    "no webhook-signature": without(signed(body()), "webhook-signature"),
    "no webhook-timestamp": without(signed(body()), "webhook-timestamp"),
    "another id": signed(body()) | {"webhook-id": "dlv_2"},
    "only the body scheme is right": signed(body(), OTHER_SECRET)
    | {"X-Mobius-Signature": sign_webhook_payload(SECRET, body())},
    "signature that is no base64": signed(body()) | {"webhook-signature": "v1,*"},
    "signature without a version": signed(body()) | {"webhook-signature": "nonsense"},
}


@pytest.mark.parametrize("headers", FORGERIES.values(), ids=FORGERIES)
async def test_delivery_that_does_not_verify_is_refused_and_logged(
    receiver: Receiver, endpoint: str, headers: dict[str, str]
) -> None:
    status, answer = await post(endpoint, body(), headers)
    assert status == 401
    assert str(answer["error"]).startswith("expected ")
    assert [(d.verified, d.status) for d in receiver.log.deliveries] == [(False, 401)]
    assert receiver.summaries_made == 0


async def test_receiver_that_knows_no_secret_refuses_until_it_is_told(tmp_path: Path) -> None:
    receiver = Receiver(DOCUMENTS, DeliveryLog(tmp_path / "deliveries.jsonl"))
    async with LocalServer(receiver.app()) as server:
        url = server.url + ENDPOINT_PATH
        assert (await post(url, body(), signed(body())))[0] == 401
        receiver.trust(SECRET)
        assert (await post(url, body(), signed(body())))[0] == 200


async def test_repeated_delivery_gets_the_same_answer_without_the_work(receiver: Receiver, endpoint: str) -> None:
    first = await post(endpoint, body(), signed(body()))
    again = await post(endpoint, body(attempt=2), signed(body(attempt=2)))
    assert first == again
    assert [(d.attempt, d.repeated) for d in receiver.log.deliveries] == [(1, False), (2, True)]
    assert receiver.summaries_made == 1


async def test_unknown_document_is_not_found(receiver: Receiver, endpoint: str) -> None:
    raw = body(doc_id="../secrets")
    status, answer = await post(endpoint, raw, signed(raw))
    assert (status, receiver.summaries_made) == (404, 0)
    assert answer["error"] == "expected the id of a document that exists, but got '../secrets'"


@pytest.mark.parametrize("raw", [b"{", b"[]", b'{"run_id": 7}'])
async def test_signed_nonsense_is_a_bad_request(receiver: Receiver, endpoint: str, raw: bytes) -> None:
    status, answer = await post(endpoint, raw, signed(raw))
    assert status == 400
    assert "but" in str(answer["error"])
    assert [(d.verified, d.delivery_id) for d in receiver.log.deliveries] == [(True, "")]


async def test_log_on_disk_says_what_the_receiver_saw(receiver: Receiver, endpoint: str) -> None:
    await post(endpoint, body(), {})
    await post(endpoint, body(), signed(body()))
    lines = receiver.log.path.read_bytes().splitlines()
    assert [parse_json(line) for line in lines] == [asdict(delivery) for delivery in receiver.log.deliveries]


def test_there_are_at_least_twenty_documents_and_none_twice() -> None:
    assert len(DOCUMENTS) >= 20
    assert len({document.text for document in DOCUMENTS.values()}) == len(DOCUMENTS)
    assert all(document.text.strip() for document in DOCUMENTS.values())
