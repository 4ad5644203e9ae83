"""A service dies when it has recorded that a key was used: that is known all the same."""

import asyncio

import pytest

from tests.e2e.failpoints.acts import PATIENCE_SECONDS, patiently
from tests.e2e.failpoints.dying import dying
from tests.e2e.installation import Installation
from tests.e2e.tenants import moved_in


@pytest.mark.nightly
async def test_a_use_that_was_recorded_is_told_whoever_dies(installation: Installation) -> None:
    tenant, caller = await moved_in(installation), installation.caller
    shown = f"/v1/api-keys/{tenant.key_id}"
    assert "last_used_at" not in (await caller.get(shown)).json
    async with dying(installation, "audit", "uses_announced", AUDIT_KEY_USE_SECONDS="0.2"):
        used = await patiently(lambda: tenant.caller.get("action-audit-log"))

    assert used.status == 200
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "last_used_at" not in (key := (await caller.get(shown)).json):
            await asyncio.sleep(0.1)
    assert str(key["last_used_at"]) > str(key["created_at"])
