"""What `mobius-admin keys rotate-master` says, when it is done and when it cannot be."""

import asyncio
import base64
import sys
from secrets import token_bytes, token_urlsafe

from deploy.local.provisioning import as_role, role_of
from deploy.local.service import CHECKOUT
from tests.e2e.installation import Installation

SECONDS = 60
"""For one command."""


async def rotate_there_and_back(installation: Installation) -> tuple[dict[str, str], bytes]:
    """What was secret in it, and all that was said. Afterwards everything is under the installation's key again, which
    is the only one that its services know: nothing may be delivered meanwhile."""
    old, new = installation.stack.servers.credentials.master_key(), base64.b64encode(token_bytes(32)).decode()
    secrets = {"the master key of a day": new, "half a master key": new[:-9], "a wrong password": token_urlsafe(24)}
    half, wrong = secrets["half a master key"], _url(installation, secrets["a wrong password"])
    away = as_role("postgresql://127.0.0.1:9/x", role_of("catalog"), secrets["a wrong password"])
    told = [
        await _rotated(installation, f"{new},{old}", 0),
        await _rotated(installation, f"{old},{new}", 0),
        *await asyncio.gather(
            _rotated(installation, new, 1),
            _rotated(installation, f"{old},{half}", 2, CATALOG_MASTER_KEYS=old),
            _rotated(installation, f"{new},{old}", 1, CATALOG_POSTGRES_URL=wrong),
            _rotated(installation, f"{new},{old}", 1, CATALOG_POSTGRES_URL=away),
        ),
    ]
    return secrets, b"\n".join(told)


async def _rotated(installation: Installation, master_key: str, status: int, **settings: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        str(CHECKOUT / "mobius-admin"),
        "keys",
        "rotate-master",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=_environment(installation, master_key) | settings,
    )
    try:
        async with asyncio.timeout(SECONDS):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == status, said
    return said


def _environment(installation: Installation, master_key: str) -> dict[str, str]:
    """The catalog's."""
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHON": sys.executable,
        "CATALOG_POSTGRES_URL": _url(installation, installation.stack.servers.credentials.password(role_of("catalog"))),
        "MOBIUS_KAFKA_BOOTSTRAP": installation.stack.kafka_bootstrap,
        "MOBIUS_MASTER_KEY": master_key,
    }


def _url(installation: Installation, password: str) -> str:
    return as_role(installation.stack.postgres_url, role_of("catalog"), password)
