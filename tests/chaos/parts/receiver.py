"""The endpoint of every action: verifies, notes, works for a moment, notes its answer, answers.

    python -m tests.chaos.parts.receiver PORT SECRETS.json DIARY.jsonl

Each answer has a nonce of its own, also when the same delivery comes again: so it shows which of them was taken.
"""

import asyncio
import json
import secrets
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import web

from demo.signatures import refusal
from tests.chaos.parts.diary import Diary

MOST_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Receiver:
    """`secrets` are the signing secrets by action."""

    secrets: dict[str, str]
    diary: Diary

    def app(self) -> web.Application:
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_get("/healthz", self._healthy)
        app.router.add_post("/{action}", self._receive)
        return app

    async def _healthy(self, _: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _receive(self, request: web.Request) -> web.Response:
        raw = await request.read()
        reason = refusal(self.secrets.get(request.match_info["action"]), raw, request.headers)
        if reason is not None:
            self.diary.note("refused", reason=reason)
            return web.json_response({"error": reason}, status=401)
        body = json.loads(raw)
        delivery = {name: body[name] for name in ("delivery_id", "job_id", "run_id", "attempt", "action", "parameters")}
        sighting = secrets.token_hex(8)
        self.diary.note("received", sighting=sighting, **delivery)
        await asyncio.sleep(body["parameters"]["ms"] / 1000)
        return self._answer(sighting, body)

    def _answer(self, sighting: str, body: dict[str, Any]) -> web.Response:
        answer = {"nonce": sighting, "n": body["parameters"]["n"]}
        self.diary.note("answered", sighting=sighting, delivery_id=body["delivery_id"], result=answer)
        return web.json_response(answer)


async def main(port: int, signing: dict[str, str], diary: Path) -> None:
    """Serves until SIGTERM."""
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    receiver = Receiver(signing, Diary(diary))
    runner = web.AppRunner(receiver.app(), access_log=None, shutdown_timeout=3.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await stopped.wait()
    await runner.cleanup()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[3])))
