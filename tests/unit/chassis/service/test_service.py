"""A service as a process: how it starts, answers health, drains, and ends."""

import asyncio
import os
import signal
import sys
import tomllib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import aiohttp
import pytest

from libs.chassis.service import EXIT_CRASHED, EXIT_MISCONFIGURED, VERSION
from libs.contracts.codec import parse_json
from tests.doubles.door import ADMIN

ROOT = Path(__file__).parents[4]
ENVIRON = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": str(ROOT),
    "TOYSHOP_POSTGRES_URL": "postgres://toy:hunter2@127.0.0.1/toys",
    "MOBIUS_KAFKA_BOOTSTRAP": "127.0.0.1:9",
    "TOYSHOP_DRAIN_SECONDS": "0.5",
}


@dataclass
class Toyshop:
    process: asyncio.subprocess.Process
    log: list[Mapping[str, object]]

    async def logged(self, event: str) -> Mapping[str, object]:
        """The next line with this event."""
        assert self.process.stderr is not None
        async with asyncio.timeout(20):
            while line := await self.process.stderr.readline():
                self.log.append(cast(dict[str, object], parse_json(line)))
                if self.log[-1]["event"] == event:
                    return self.log[-1]
        raise AssertionError(f"{event} was never logged, but {self.log}")

    async def url(self) -> str:
        return f"http://127.0.0.1:{(await self.logged('service_listens'))['port']}"

    async def ended(self) -> tuple[int | None, list[str]]:
        """Exit status, and what the toys said."""
        async with asyncio.timeout(20):
            said, _ = await self.process.communicate()
        return self.process.returncode, said.decode().splitlines()


@asynccontextmanager
async def toyshop(behaviour: str, **environ: str) -> AsyncIterator[Toyshop]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("toy_service.py")),
        behaviour,
        env=ENVIRON | environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Toyshop(process, [])
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def get(url: str, path: str, key: str | None = None) -> tuple[int, object]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with aiohttp.ClientSession() as client, client.get(url + path, headers=headers) as response:
        return response.status, parse_json(await response.read()) if "json" in response.content_type else None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_told_service_stops_its_components_in_reverse_and_ends_well(number: signal.Signals) -> None:
    async with toyshop("works") as shop:
        await shop.logged("service_ready")
        shop.process.send_signal(number)
        assert await shop.ended() == (0, ["first starts", "second starts", "second stops", "first stops"])


async def test_a_running_service_answers_health_to_anybody_and_the_rest_to_keys() -> None:
    async with toyshop("works") as shop:
        url = await shop.url()
        await shop.logged("service_ready")
        assert await get(url, "/healthz") == (200, {"status": "ok"})
        assert await get(url, "/readyz") == (200, {"status": "ready"})
        assert (await get(url, "/hello"))[0] == (await get(url, "/metrics"))[0] == 401
        assert await get(url, "/hello", ADMIN) == (200, {"hello": "key_admin"})
        assert (await get(url, "/metrics", ADMIN))[0] == 200


async def test_metrics_are_public_where_a_setting_says_so() -> None:
    async with toyshop("works", MOBIUS_METRICS_PUBLIC="true") as shop:
        assert (await get(await shop.url(), "/metrics"))[0] == 200


async def test_a_starting_service_lives_but_is_not_ready_and_can_be_told_to_stop() -> None:
    async with toyshop("dawdles") as shop:
        url = await shop.url()
        assert (await get(url, "/healthz"))[0] == 200
        status, body = await get(url, "/readyz")
        assert status == 503
        assert "started" in str(body)
        assert (await get(url, "/hello", ADMIN))[0] == 503
        shop.process.terminate()
        assert (await shop.ended())[0] == 0


async def test_a_component_that_cannot_work_is_the_reason_for_not_being_ready() -> None:
    async with toyshop("sulks") as shop:
        url = await shop.url()
        await shop.logged("service_ready")
        assert await get(url, "/readyz") == (503, {"status": "unready", "reasons": ["the toy sulks"]})


async def test_a_crashed_loop_ends_the_service_with_a_line_that_names_it() -> None:
    async with toyshop("crashes") as shop:
        line = await shop.logged("background_task_crashed")
        assert line["what"] == "toy-loop crashed"
        assert "a toy that breaks" in str(line["exception"])
        status, said = await shop.ended()
        assert (status, said[-2:]) == (EXIT_CRASHED, ["second stops", "first stops"])


async def test_a_component_that_does_not_start_ends_the_service() -> None:
    async with toyshop("refuses") as shop:
        assert "a toy that does not start" in str((await shop.logged("service_failed"))["exception"])
        assert (await shop.ended())[0] == EXIT_CRASHED


async def test_a_component_that_does_not_stop_in_time_is_left() -> None:
    async with toyshop("clings") as shop:
        await shop.logged("service_ready")
        shop.process.terminate()
        assert (await shop.logged("component_did_not_stop"))["component"] == "Toy"
        assert await shop.ended() == (0, ["first starts", "second starts", "second stops", "first stops"])


async def test_wrong_settings_are_said_in_one_go_without_a_start() -> None:
    async with toyshop("works", TOYSHOP_PORT="x", TOYSHOP_PROT="1") as shop:
        _, told = await shop.process.communicate()
        assert shop.process.returncode == EXIT_MISCONFIGURED
        assert b"TOYSHOP_PORT" in told
        assert b"TOYSHOP_PROT" in told


async def test_the_start_is_logged_with_settings_and_without_secrets() -> None:
    async with toyshop("works") as shop:
        line = await shop.logged("service_starts")
        assert cast(dict[str, object], line["settings"])["postgres_url"] == "configured"
        assert "hunter2" not in str(line)


def test_the_version_is_the_projects() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
