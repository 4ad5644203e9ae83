"""A stack that stops takes everything with it, and lets whoever waits for an answer have one."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import psutil

from deploy.local.readiness import is_free
from deploy.local.stack import LocalStack, StackOptions
from libs.contracts.codec import Json, JsonObject
from libs.contracts.topics import SERVICES
from tests.conftest import server_options
from tests.e2e.calls import Caller, Reply

ANSWERED_WITHIN_SECONDS = 15

CLAIM: JsonObject = {
    "worker_instance_id": "waiting",
    "worker_session_token": "waiting",
    "concurrency_limit": 1,
    "actions": ["waits-for-ever"],
    "wait_seconds": 30,
}


async def test_no_process_is_left_and_every_port_is_free(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    stack = LocalStack(tmp_path, StackOptions(fallback_broker=server_options().fallback_broker))
    async with aiohttp.ClientSession() as client:
        async with stack:
            ports = ports_of(stack)
            started = set(psutil.Process().children(recursive=True)) - before
            assert {process.pid for process in started} >= set(stack.pids().values()) - {
                process.pid for process in before
            }
            poll, stream = await waiting(stack, client)
        async with asyncio.timeout(ANSWERED_WITHIN_SECONDS):
            assert (await poll).status == 204
            assert b"event: run_updated" in (await stream).raw

    assert [process.pid for process in started if process.is_running()] == []
    assert [port for port in ports if not is_free(port)] == []
    for name in SERVICES:
        ending = (stack.var / "log" / f"{name}.log").read_text().splitlines()[-1]
        assert '"event":"service_ended"' in ending
        assert '"status":0' in ending


def ports_of(stack: LocalStack) -> list[int]:
    """Every port of the stack that is known by an address."""
    urls = [stack.api_url, *(stack.service_url(name) for name in SERVICES), f"//{stack.kafka_bootstrap}"]
    return [port for url in urls if (port := urlsplit(url).port) is not None]


async def waiting(stack: LocalStack, client: aiohttp.ClientSession) -> tuple[asyncio.Task[Reply], asyncio.Task[Reply]]:
    """A worker in a long poll and a watcher of a run that does not end, each at the service itself."""
    caller = Caller(client, stack.api_url, stack.project, stack.api_key)
    await caller.create("actions", {"name": "waits-for-ever", "endpoint_url": "http://127.0.0.1:9/"})
    await caller.create("actions", {"name": "listed-only", "endpoint_url": "http://127.0.0.1:9/"})
    dispatcher = Caller(client, stack.service_url("dispatcher"), stack.project, stack.api_key)
    assert (await dispatcher.post("jobs/claim", {**CLAIM, "wait_seconds": 0, "actions": ["listed-only"]})).status == 204
    spec: Json = {"name": "open", "steps": [{"name": "a", "action": "listed-only"}]}
    run = (await caller.create("runs", {"mode": "inline", "spec": spec})).text("id")
    engine = Caller(client, stack.service_url("engine"), stack.project, stack.api_key)
    poll = asyncio.create_task(dispatcher.post("jobs/claim", {**CLAIM, "worker_instance_id": "polling"}))
    stream = asyncio.create_task(engine.get(f"runs/{run}/events"))
    await until_polling(caller)
    return poll, stream


async def until_polling(caller: Caller) -> None:
    """Returns when the long poll is known."""
    async with asyncio.timeout(10):
        while "polling" not in [item["worker_instance_id"] for item in (await caller.get("worker-sessions")).items]:
            await asyncio.sleep(0.05)
