"""The whole stack, as `make up`, the demo and the end-to-end tests start it: once for this module, on its own."""

import asyncio
import shlex
import signal
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import psutil
import pytest

from deploy.local.stack import LocalStack, StackOptions
from deploy.local.var_lock import AlreadyRunning
from libs.contracts.topics import SERVICES
from tests.conftest import server_options

CHECKOUT = Path(__file__).parents[3]


def options(told: list[str]) -> StackOptions:
    """The stack has servers of its own, also when the tests use others: it must be free to kill them."""
    return StackOptions(fallback_broker=server_options().fallback_broker, tell=told.append)


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory, told: list[str]) -> AsyncIterator[LocalStack]:
    async with LocalStack(tmp_path_factory.mktemp("stack"), options(told)) as stack:
        yield stack


async def status_of(url: str, key: str | None = None) -> int:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with aiohttp.ClientSession(headers=headers) as client, client.get(url) as answer:
        return answer.status


async def test_every_service_is_ready_at_its_own_address(stack: LocalStack) -> None:
    assert [await status_of(f"{stack.service_url(name)}/readyz") for name in SERVICES] == [200] * 4


async def test_the_gateway_leads_to_the_services_and_only_a_key_opens_them(stack: LocalStack) -> None:
    actions = f"{stack.api_url}/v1/projects/{stack.project}/actions"
    runs = f"{stack.api_url}/v1/projects/{stack.project}/runs"
    audit = f"{stack.api_url}/v1/projects/{stack.project}/action-audit-log"
    for url in (actions, runs, audit):
        assert (await status_of(url), await status_of(url, stack.api_key)) == (401, 200)


async def test_local_env_has_every_address_and_is_private(stack: LocalStack) -> None:
    file = stack.var / "local.env"
    values = dict(shlex.split(line)[0].split("=", 1) for line in file.read_text().splitlines())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert values["MOBIUS_API_URL"] == stack.api_url
    assert values["MOBIUS_API_KEY"] == stack.api_key
    assert values["MOBIUS_POSTGRES_URL"] == stack.postgres_url
    assert {f"MOBIUS_{name.upper()}_URL" for name in SERVICES} <= set(values)


async def test_a_second_stack_on_the_same_folder_is_told_the_pid(stack: LocalStack) -> None:
    with pytest.raises(AlreadyRunning, match=rf"already running on .* \(pid {psutil.Process().pid}\)"):
        await LocalStack(stack.var.parent, options([])).start()


async def test_no_service_is_told_what_is_anothers(stack: LocalStack) -> None:
    engine = psutil.Process(stack.pid("engine")).environ()
    assert "MOBIUS_MASTER_KEY" not in engine
    assert not [name for name in engine if name.startswith(("CATALOG_", "DISPATCHER_", "AUDIT_"))]
    assert psutil.Process(stack.pid("dispatcher")).environ()["DISPATCHER_ALLOWED_TARGETS"] == "127.0.0.0/8"


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_that_is_killed_is_ready_again(stack: LocalStack, told: list[str], name: str) -> None:
    before = stack.pid(name)
    await stack.kill(name)
    await stack.until_ready(name)
    assert stack.pid(name) != before
    assert await status_of(f"{stack.service_url(name)}/readyz") == 200
    assert any(sentence.startswith(f"{name} was killed by signal 9") for sentence in told)


async def read_until(output: asyncio.StreamReader, needle: str) -> str:
    """The first line that contains it. Ends when the program does."""
    while line := (await output.readline()).decode():
        if needle in line:
            return line
    raise AssertionError(f"the program ended without saying {needle!r}")


async def run_up(root: Path) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "deploy.local", "up", "--port", "0", "--root", str(root)]
    return await asyncio.create_subprocess_exec(
        *command, cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )


async def test_up_keeps_its_key_over_a_restart_and_leaves_no_process(tmp_path: Path) -> None:
    keys = []
    for ending in (signal.SIGKILL, signal.SIGINT):
        up = await run_up(tmp_path)
        assert up.stdout is not None
        try:
            keys.append((await read_until(up.stdout, "  API key")).split()[-1])
            url = shlex.split((tmp_path / "var" / "local.env").read_text())[0].partition("=")[2]
            children = psutil.Process(up.pid).children()
            assert await status_of(f"{url}/v1/projects/default/actions", keys[-1]) == 200
        finally:
            up.send_signal(ending)
        await up.stdout.read()
        assert await up.wait() == (-signal.SIGKILL if ending is signal.SIGKILL else 0)
        await asyncio.to_thread(psutil.wait_procs, [child for child in children if not is_dead(child)], 20)
        assert [child for child in children if not is_dead(child)] == []
    assert keys[0] == keys[1]


def is_dead(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
