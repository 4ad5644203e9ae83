"""`python -m demo`: exit code 0 when everything agrees, 1 when something differs."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from demo.documents import DOCUMENTS_FOLDER
from demo.mobius_api import ApiRefused
from demo.options import Options
from demo.story import run
from deploy.local.kafka_jars import JarsUnusable
from deploy.local.readiness import StartFailed

ANSWERED = (StartFailed, JarsUnusable, ApiRefused, FileNotFoundError)
"""What is told in a sentence instead of a traceback."""

SERVICES = ("catalog", "engine", "dispatcher", "audit")


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--documents", type=Path, default=DOCUMENTS_FOLDER, help="folder of *.txt files")
    parser.add_argument("--folder", type=Path, help="keep data and logs here (default: a temporary folder)")
    parser.add_argument("--kill", choices=SERVICES, help="kill -9 this service after a third of the documents")
    parser.add_argument("--concurrency", type=int, default=8, help="runs that are open at once (default 8)")
    parser.add_argument("--fallback-broker", action="store_true", help="leave Apache Kafka out")
    given = parser.parse_args()
    return Options(
        given.documents, given.folder, given.kill, given.concurrency, given.fallback_broker or _asked_for_fallback()
    )


def _asked_for_fallback() -> bool:
    """The same wish that `make up` knows."""
    return os.environ.get("MOBIUS_LOCAL_BROKER") == "fallback"


def main() -> int:
    try:
        return 0 if asyncio.run(run(_options())).ok else 1
    except KeyboardInterrupt:
        return 130
    except ANSWERED as refusal:
        print(refusal, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
