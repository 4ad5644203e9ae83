"""Failpoints: the named states that a process may die in, between one durable effect and the next.

`assert reached("jobs_claimed")` stands right behind the effect that leads into the state. An armed process kills itself
there, as `kill -9` would, so that a test sees what comes of it. Python run with `-O` has no asserts, and thus none of
this; otherwise an unarmed one costs a comparison. The table is the list: `tests/architecture/failpoint_rules.py` holds
it against the code, `tests/e2e/failpoints/` dies at every line of it.
"""

import os
import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FAILPOINTS: Final[Mapping[str, str]] = {
    # the schema
    "migration_applied": "One migration has run inside the transaction of all; none of them is committed.",
    "schema_migrated": "The schema is up to date and nothing has used it yet.",
    # hearing
    "position_seeded": "One partition has its first position, those after it have none, and nothing was heard.",
    "batch_decided": "Records are on the topic, heard and decided upon; neither effects nor position are written.",
    "batch_committed": "Effects, dead letters and position are committed; the relay has not heard of the events.",
    "resume_asked": "It is recorded that a parked stream is to go on; it has not, and the operator has no answer.",
    # saying
    "batch_acknowledged": "A batch is on its topic; the rest of the cycle is not, and the outbox names all of it.",
    "outbox_published": "A cycle's events are on their topics; the outbox names them still.",
    "outbox_forgotten": "Events are on their topics and the outbox names them no longer; those after them wait.",
    "uses_announced": "It is on the topic when keys were last used; nobody has acted on that.",
    # the catalog
    "catalog_committed": "A change of the catalog is committed; it is not published, and its caller has no answer.",
    "catalog_published": "A change of the catalog is committed and on its topics; its caller has no answer.",
    "answers_swept": "Some answers that were kept for repeated requests are deleted, others are not.",
    "states_trimmed": "Some superseded states are deleted from the journal, others are not.",
    "project_made": "The first project is made and published; the first key is not.",
    # the engine
    "starts_committed": "Runs have begun; nothing of them is published, and their callers have no answer.",
    "change_committed": "A run is cancelled; that is not published, and the caller has no answer.",
    "workflow_committed": "A workflow is saved; that is not published, and the caller has no answer.",
    # the dispatcher's queue
    "jobs_claimed": "Jobs are leased; their holders do not know it, and nothing was sent to anybody.",
    "leases_released": "Leases that nobody learned of are undone; no one was told that the jobs wait again.",
    "leases_extended": "Leases are extended; their holders have no answer.",
    "reports_recorded": "Results are recorded, the leases gone; nothing is published, the reporters have no answer.",
    "progress_recorded": "Progress is recorded; it is not published, and its teller has no answer.",
    "leases_returned": "Expired leases are given back or failed; that is not published, and no one was woken.",
    "claims_announced": "Claims are recorded as announced; the announcements are not published.",
    "session_registered": "A worker is registered; it has claimed nothing and has no answer.",
    "sessions_touched": "It is recorded who was seen; whom others saw is not read.",
    "sessions_swept": "Some forgotten workers are deleted, others are not.",
    "platform_announced": "A change of the platform's actions is committed; it is not published.",
    "secret_use_recorded": "It is on the topic whether signing secrets were accepted; nobody has acted on that.",
    "connection_tested": "How a connection fared is recorded; that is not published, and the asker has no answer.",
    # what leaves the installation
    "delivery_begun": "An endpoint has the request and has begun to answer; nothing of that is recorded.",
    "delivery_answered": "An endpoint has done its work and answered; the result is recorded nowhere.",
    "secret_probed": "An endpoint has answered a probe of a new signing secret; that is recorded nowhere.",
    "integration_answered": "An integration has done its work; the result is recorded nowhere.",
}
"""Every failpoint, with the state of the world at it."""

_FORM: Final = re.compile(r"([a-z_]+)(?::([1-9][0-9]{0,5}))?")


@dataclass
class _Armed:
    name: str
    hits_left: int


_armed: _Armed | None = None


def reached(name: str) -> bool:
    """Always true, unless it is here that the process was told to die."""
    if _armed is not None and _armed.name == name:
        _count_down(_armed)
    return True


def arm(order: str | None) -> None:
    """`jobs_claimed:2` dies at the second time that this is reached, `jobs_claimed` at the first; None disarms."""
    global _armed  # noqa: PLW0603  one process dies once, and a call costs one comparison
    _armed = None if order is None else _parsed(order)


def checked(order: str | None) -> str | None:
    """The order as it was given. Raises `ValueError` for one that could never be carried out."""
    if order is not None:
        _parsed(order)
    return order


def _parsed(order: str) -> _Armed:
    match = _FORM.fullmatch(order)
    if match is None or match[1] not in FAILPOINTS:
        raise ValueError("expected NAME or NAME:TIMES of a failpoint that libs/chassis/failpoints.py knows")
    if not __debug__:
        raise ValueError("expected none, because a process that runs with -O has no failpoints")
    return _Armed(match[1], int(match[2] or 1))


def _count_down(armed: _Armed) -> None:
    armed.hits_left -= 1
    if armed.hits_left == 0:
        os.write(2, f'{{"event":"failpoint_reached","failpoint":"{armed.name}"}}\n'.encode())
        os.kill(os.getpid(), signal.SIGKILL)
