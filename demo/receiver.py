"""The endpoint of `summarize-document`: takes signed POSTs, summarises, answers with the result.

It does what any careful receiver does. A body is read only after its signatures verified (401 otherwise). Deliveries
come at least once, so the answer to a `delivery_id` is kept, and a repeated delivery gets the same answer without the
work being done again. Everything that arrives is logged, refused or not.

    python -m demo.receiver --port 8701 --secret-file var/action.json
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from pydantic import ValidationError

from demo.delivery_log import DeliveredBody, Delivery, DeliveryLog
from demo.documents import DOCUMENTS_FOLDER, Document, load_documents
from demo.local_server import LocalServer
from demo.signatures import refusal
from demo.summarize_action import ACTION_NAME, UnknownDocument, summarize_document
from libs.contracts.codec import InvalidJson, JsonObject, dump_json, parse_json

ENDPOINT_PATH = f"/actions/{ACTION_NAME}"
LARGEST_BODY_BYTES = 1024 * 1024

Answer = tuple[int, JsonObject]


class Receiver:
    """Holds the documents, the signing secret, the answers given so far and the log of deliveries."""

    def __init__(
        self,
        documents: Mapping[str, Document],
        log: DeliveryLog,
        secret: str | None = None,
        on_delivery: Callable[[Delivery], None] = lambda _: None,
    ) -> None:
        self.log = log
        self._documents = documents
        self._secret = secret
        self.on_delivery = on_delivery
        self._answers: dict[str, asyncio.Task[Answer]] = {}

    def trust(self, secret: str) -> None:
        """The secret that deliveries are signed with from now on; it is known only after the registration."""
        self._secret = secret

    def app(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY_BYTES)
        app.router.add_post(ENDPOINT_PATH, self._receive)
        return app

    @property
    def summaries_made(self) -> int:
        """How many deliveries led to a summary; a repeated delivery counts once."""
        return sum(1 for task in self._answers.values() if _succeeded(task))

    async def _receive(self, request: web.Request) -> web.Response:
        raw = await request.read()
        if reason := refusal(self._secret, raw, request.headers):
            return self._refuse(401, reason, raw)
        try:
            body = _read(raw)
        except ValueError as error:
            return self._refuse(400, f"expected the body of a delivery, but {error}", raw, verified=True)
        return await self._answer(body)

    async def _answer(self, body: DeliveredBody) -> web.Response:
        repeated = body.delivery_id in self._answers
        if not repeated:
            self._answers[body.delivery_id] = asyncio.create_task(self._work(body))
        # Shielded: when the caller hangs up, the work still ends, and the repeated delivery finds its answer.
        status, answer = await asyncio.shield(self._answers[body.delivery_id])
        self._note(body, verified=True, repeated=repeated, status=status)
        return _json(status, answer)

    async def _work(self, body: DeliveredBody) -> Answer:
        doc_id = body.parameters.get("doc_id")
        try:
            return 200, await asyncio.to_thread(summarize_document, self._documents, str(doc_id))
        except UnknownDocument as error:
            return 404, {"error": str(error)}

    def _refuse(self, status: int, reason: str, raw: bytes, *, verified: bool = False) -> web.Response:
        self._note(_readable(raw), verified=verified, repeated=False, status=status)
        return _json(status, {"error": reason})

    def _note(self, body: DeliveredBody | None, *, verified: bool, repeated: bool, status: int) -> None:
        delivery = Delivery(
            at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            delivery_id=body.delivery_id if body else "",
            job_id=body.job_id if body else "",
            run_id=body.run_id if body else "",
            doc_id=str(body.parameters.get("doc_id", "")) if body else "",
            attempt=body.attempt if body else 0,
            verified=verified,
            repeated=repeated,
            status=status,
        )
        self.log.append(delivery)
        self.on_delivery(delivery)


def _read(raw: bytes) -> DeliveredBody:
    """Raises ValueError: both InvalidJson and pydantic's ValidationError are one."""
    try:
        return DeliveredBody.model_validate(parse_json(raw))
    except InvalidJson as error:
        raise ValueError(f"it is not JSON: {error}") from None
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, problem["loc"])) or "the body" for problem in error.errors())
        raise ValueError(f"these fields are missing or of the wrong type: {wrong}") from None


def _readable(raw: bytes) -> DeliveredBody | None:
    with suppress(ValueError):
        return _read(raw)
    return None


def _succeeded(task: asyncio.Task[Answer]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None and task.result()[0] == 200


def _json(status: int, body: JsonObject) -> web.Response:
    return web.Response(status=status, body=dump_json(body), content_type="application/json")


async def serve(port: int, secret: str, documents: Path, log: Path) -> None:
    """Serve until interrupted, and print each delivery."""
    receiver = Receiver(load_documents(documents), DeliveryLog(log), secret, on_delivery=_print)
    async with LocalServer(receiver.app(), port) as server:
        print(f"{ACTION_NAME} at {server.url}{ENDPOINT_PATH}; deliveries are logged in {log}", flush=True)
        await asyncio.Event().wait()


def _print(delivery: Delivery) -> None:
    verdict = "verified" if delivery.verified else "NOT VERIFIED"
    print(f"{delivery.at} {delivery.doc_id or '?'} {verdict}, answered {delivery.status}", flush=True)


def _secret_from(path: Path) -> str:
    """The secret alone, or the answer to a registration with its `signing_secret`."""
    content = path.read_bytes().strip()
    action = parse_json(content) if content.startswith(b"{") else None
    return str(action["signing_secret"]) if isinstance(action, dict) else content.decode()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.receiver", description=f"An endpoint for {ACTION_NAME}.")
    parser.add_argument("--port", type=int, default=8701, help="port on 127.0.0.1 (default 8701)")
    parser.add_argument("--secret-file", type=Path, required=True, help="the secret, or the answer that contains it")
    parser.add_argument("--documents", type=Path, default=DOCUMENTS_FOLDER, help="folder of *.txt files")
    parser.add_argument("--log", type=Path, default=Path("var/deliveries.jsonl"), help="where deliveries are noted")
    given = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(given.port, _secret_from(given.secret_file), given.documents, given.log))


if __name__ == "__main__":
    main()
