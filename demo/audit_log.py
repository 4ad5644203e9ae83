"""Asks Mobius for its action audit log."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta

from demo.answers import AuditEntry
from demo.mobius_api import MobiusApi

PATH = "action-audit-log"
PATIENCE = timedelta(seconds=60)
PAUSE = timedelta(milliseconds=100)


async def entries_of_runs(api: MobiusApi, run_ids: Collection[str], expected: int) -> tuple[AuditEntry, ...]:
    """Every entry of these runs. The log is projected from events and follows a moment behind the runs, so this asks
    until there are `expected` entries; when the patience runs out it gives what there is, and the checks will tell."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE.total_seconds()
    while True:
        found = tuple(entry for entry in await api.all_of(PATH, AuditEntry) if entry.run_id in run_ids)
        if len(found) >= expected or loop.time() > deadline:
            return found
        await asyncio.sleep(PAUSE.total_seconds())


async def entries_of_run(api: MobiusApi, run_id: str) -> tuple[AuditEntry, ...]:
    """What the log answers to `run_id=`."""
    return tuple(await api.all_of(PATH, AuditEntry, {"run_id": run_id}))


async def entries_of_action(api: MobiusApi, action: str) -> tuple[AuditEntry, ...]:
    """What the log answers to `action_name=`."""
    return tuple(await api.all_of(PATH, AuditEntry, {"action_name": action}))
