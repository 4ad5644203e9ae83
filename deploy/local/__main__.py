"""`python -m deploy.local up [--port N] [--replicas engine=2 …]` runs all until Ctrl-C; `clean` removes `var/`."""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.local.environment import settings_in
from deploy.local.kafka_jars import JarsUnusable
from deploy.local.provisioning import ProvisioningRefused
from deploy.local.readiness import StartFailed
from deploy.local.replicas import ReplicasRefused, parse_replicas
from deploy.local.stack import LocalStack, StackOptions
from deploy.local.var_lock import AlreadyRunning, VarLock

_ROOT = Path(__file__).resolve().parents[2]
_ANSWERED = (StartFailed, JarsUnusable, ProvisioningRefused, AlreadyRunning, ReplicasRefused)


def _options(port: int, replicas: Sequence[str]) -> StackOptions:
    return StackOptions(
        port=port,
        replicas=parse_replicas(replicas),
        postgres_url=os.environ.get("MOBIUS_POSTGRES_URL"),
        kafka_bootstrap=os.environ.get("MOBIUS_KAFKA_BOOTSTRAP"),
        fallback_broker=os.environ.get("MOBIUS_LOCAL_BROKER") == "fallback",
        env=settings_in(os.environ),
        tell=lambda sentence: print(sentence, file=sys.stderr, flush=True),
    )


async def _up(root: Path, options: StackOptions) -> None:
    """Runs the stack until SIGINT or SIGTERM, which also interrupt a start that is under way."""
    began = time.monotonic()
    stopped = _stop_signal()
    stack = LocalStack(root, options)
    starting = asyncio.create_task(stack.start())
    await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.wait({starting})
        return
    starting.result()
    try:
        _greet(stack, time.monotonic() - began)
        await stopped
        print("\nstopping …", flush=True)
    finally:
        await stack.stop()


def _stop_signal() -> asyncio.Future[None]:
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[None] = loop.create_future()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, lambda: None if stopped.done() else stopped.set_result(None))
    return stopped


def _greet(stack: LocalStack, seconds: float) -> None:
    if stack.lost_sentence:
        print(f"\n  !!  {stack.lost_sentence}\n")
    print(f"Mobius is up after {seconds:.1f} s: four services, Kafka and PostgreSQL, all on 127.0.0.1.")
    print(f"  API       {stack.api_url}  (project {stack.project})")
    print(f"  pages     {stack.api_url}/dashboard  (sign in with the API key)")
    print(f"  API key   {stack.api_key}")
    print(f"  settings  {stack.var / 'local.env'}")
    print(f"  logs      {stack.var / 'log'}")
    print("Ctrl-C stops it; the data stays. `make clean` removes it.", flush=True)


def _clean(root: Path) -> None:
    lock = VarLock(root / "var")
    lock.take()
    shutil.rmtree(root / "var")
    lock.release()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("command", choices=("up", "clean"))
    parser.add_argument(
        "--port", type=int, default=8080, help="port of the API on 127.0.0.1; 0 takes a free one (default 8080)"
    )
    parser.add_argument("--root", type=Path, default=_ROOT, help="folder that holds var/ (default: the checkout)")
    parser.add_argument(
        "--replicas", nargs="*", default=[], metavar="SERVICE=N", help="processes of a service, for example engine=2"
    )
    given = parser.parse_args()
    try:
        if given.command == "clean":
            _clean(given.root)
        else:
            asyncio.run(_up(given.root, _options(given.port, given.replicas)))
    except _ANSWERED as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
