"""The keys that the matrix tries, issued and revoked over HTTP as anybody's are."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from libs.contracts.codec import Json
from libs.contracts.events.catalog import Role
from libs.contracts.topics import SERVICES
from tests.e2e.calls import Caller
from tests.e2e.installation import Installation

ROLES: Final[tuple[Role, ...]] = ("viewer", "worker", "author", "admin")
UNKNOWN: Final = "mbx_0000000000000000000000000000000000000000000"
REFUSED: Final = (
    "none",
    "empty",
    "without-scheme",
    "basic",
    "malformed",
    "unknown",
    "revoked",
    "expired",
    "bound-elsewhere",
)
"""What nobody is let in with."""
ELSEWHERE: Final = ("stranger", "narrowed")
"""Administrators' keys that reach into another project: its own, and one of the whole installation, narrowed to it."""
SHORT_LIFE: Final = timedelta(seconds=2)
PATIENCE_SECONDS: Final = 10


@dataclass(frozen=True)
class Keys:
    """Tokens: of one project by role, of an administrator of another one and of all, and those that are over."""

    by_role: Mapping[str, str]
    stranger: str
    everywhere: str
    revoked: str
    expired: str

    def header(self, name: str, other: str) -> str | None:
        """The `Authorization` of a credential that is refused; `other` is a project that exists."""
        return {
            "none": None,
            "empty": "Bearer ",
            "without-scheme": self.by_role["admin"],
            "basic": "Basic bWJ4OmFkbWlu",
            "malformed": "Bearer sk_0000000000000000000000000000000000000000000",
            "unknown": f"Bearer {UNKNOWN}",
            "revoked": f"Bearer {self.revoked}",
            "expired": f"Bearer {self.expired}",
            "bound-elsewhere": f"Bearer {other}/{self.by_role['admin']}",
        }[name]

    def elsewhere(self, name: str, other: str) -> str:
        """The `Authorization` of a credential that reaches into the project `other` alone."""
        return f"Bearer {self.stranger}" if name == "stranger" else f"Bearer {other}/{self.everywhere}"


def smaller(role: str) -> Role | None:
    """The largest role that is too small for it; None: every role will do."""
    place = ROLES.index(role)
    return ROLES[place - 1] if place else None


async def make_keys(installation: Installation, project: str, other: str) -> Keys:
    """Keys of `project`, and the stranger's of `other`. Those that are over are over everywhere."""
    caller = installation.caller
    expired, _ = await issue(caller, project, "admin", expires_at=datetime.now(UTC) + SHORT_LIFE)
    revoked, key_id = await issue(caller, project, "admin")
    assert (await caller.call("DELETE", f"/v1/api-keys/{key_id}")).status == 204
    keys = Keys(
        by_role={role: (await issue(caller, project, role))[0] for role in ROLES},
        stranger=(await issue(caller, other, "admin"))[0],
        everywhere=(await issue(caller, None, "admin"))[0],
        revoked=revoked,
        expired=expired,
    )
    for token in (revoked, expired):
        await _until_refused_everywhere(installation, token)
    return keys


async def issue(caller: Caller, project: str | None, role: Role, expires_at: datetime | None = None) -> tuple[str, str]:
    """A new key and its id; without a project one of the whole installation."""
    body: dict[str, Json] = {"name": f"matrix {role}", "role": role}
    if project is not None:
        body["project"] = project
    if expires_at is not None:
        body["expires_at"] = expires_at.isoformat()
    made = await caller.create("/v1/api-keys", body)
    return made.text("key"), made.text("id")


async def _until_refused_everywhere(installation: Installation, token: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        for service in SERVICES:
            caller = installation.caller_of("", token, installation.stack.service_url(service))
            while (await caller.get("/metrics")).status != 401:
                await asyncio.sleep(0.1)
