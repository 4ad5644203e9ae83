"""What a service's migrations add up to, as `pg_dump` tells it. `services/<name>/migrations/schema.sql` says the same.

`python -m tests.migrations.schema_dump [service …]` writes those files, from an embedded server of its own.
"""

import asyncio
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy.local.credentials import Credentials
from deploy.local.postgres import SUPERUSER, PostgresServer, binaries
from deploy.local.provisioning import provision_services
from libs.chassis.db.link import Link
from libs.chassis.db.migrator import migrate
from libs.contracts.topics import SERVICES

ROOT = Path(__file__).resolve().parents[2]
PRESENT = [name for name in SERVICES if list((ROOT / "services" / name / "migrations").glob("0*.sql"))]

_NOISE = re.compile(r"^(--.*|SET .*;|SELECT pg_catalog\.set_config.*|\\(un)?restrict.*)$\n?", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\n{3,}")


def schema_file(service: str) -> Path:
    """Where the whole schema of a service stands in one piece."""
    return ROOT / "services" / service / "migrations" / "schema.sql"


async def schema_after_migrations(service: str, service_url: str) -> tuple[str, Sequence[str]]:
    """Migrates a service's schema from nothing; answers its dump and the names of the applied migrations."""
    link = Link(service_url, "schema-dump")
    try:
        applied = await migrate(link, f"services.{service}.migrations")
    finally:
        await link.close()
    return await asyncio.to_thread(dump, service, service_url), applied


def dump(service: str, service_url: str) -> str:
    """The schema as statements: no comments of the tool, no session settings, no owners."""
    command = [str(binaries() / "pg_dump"), "--schema-only", "--no-owner", "--no-privileges", f"--schema={service}"]
    told = subprocess.run([*command, service_url], capture_output=True, check=True, text=True)
    return _EMPTY_LINES.sub("\n\n", _NOISE.sub("", told.stdout)).strip() + "\n"


async def _write(services: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder)
        credentials = Credentials(var)
        server = PostgresServer(var, credentials.password(SUPERUSER))
        await server.start()
        try:
            urls = await provision_services(server.url(), credentials, services)
            for service in services:
                told, _ = await schema_after_migrations(service, urls[service])
                schema_file(service).write_text(told)
        finally:
            await server.stop()


if __name__ == "__main__":
    asyncio.run(_write(sys.argv[1:] or PRESENT))
