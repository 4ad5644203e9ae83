"""Pages that follow what happens: their live region is made anew when something has happened, and sent if it differs.

Nothing is counted or remembered between two looks, so a reconnect can neither lose nor double a row: what is sent is
what the page would show now. An event's id is the hash of its region, so that a browser that comes back with it is
sent nothing it has already.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from time import perf_counter
from typing import Final, TypeAlias

from libs.chassis.http import Call, encode_event
from libs.contracts.codec import dump_json
from services.audit.dashboard.pulse import Pulse

SHARE: Final = 10
"""A page rests this many times as long as it took to make: a busy system must not live for those who watch it."""

Region: TypeAlias = Callable[[], Awaitable[str | None]]
"""Makes the region; None: the visitor may not see it any more."""


async def follow(call: Call[None, None], pulse: Pulse, region: Region) -> AsyncIterator[bytes]:
    """Server-sent events called `region`, whose data is `{"html": …}`; one called `over` when there will be no more."""
    shown = call.headers.get("Last-Event-ID")
    with pulse.watched():
        while not (call.over or call.draining.is_set()):
            beat, started = pulse.beat, perf_counter()
            html = await region()
            if html is None:
                yield encode_event(b"{}", "over")
                return
            digest = hashlib.sha256(html.encode()).hexdigest()[:16]
            if digest != shown:
                shown = digest
                yield encode_event(dump_json({"html": html}), "region", digest)
            await pulse.after(beat, call, (perf_counter() - started) * SHARE)
