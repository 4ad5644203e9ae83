"""What is looked at: pages, each with the raw query that it is held beside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from libs.chassis.http import encode_moment
from tests.benchmarks.dashboard.filling import QUERIES
from tests.benchmarks.dashboard.sizes import Sizes, action_name
from tests.benchmarks.dashboard.stories import LINEAR, LOOP, LOOP_STEPS

ACTIONS_TARGET_MS = 50.0
RUN_TARGET_MS = 150.0
PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Look:
    """A page below the project's. `raw` names a query, `moves` a run that goes one step on before each look;
    `live`: only the region that changes, as it is sent to who watches. `rows` are on it at least."""

    title: str
    path: str
    raw: str
    arguments: Sequence[object]
    target: float | None = None
    moves: str | None = None
    live: bool = False
    rows: int = PAGE_ROWS
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        return QUERIES[self.raw]


async def looks(connection: asyncpg.Connection, project: str, sizes: Sizes, now: datetime) -> Sequence[Look]:
    """Every page that is measured."""
    deep = await connection.fetchrow(QUERIES["find_place"], project, sizes.invocations // 2)
    assert deep is not None
    return [
        *_actions(project, sizes, now),
        *_invocations(project, sizes, deep["finished_at"], deep["id"]),
        Look("runs, with counts by status", "/runs", "raw_runs", (project,)),
        *_of_run(f"a run of {sizes.steps:,} steps", LINEAR),
        *_of_run(f"a run of {sizes.steps:,} attempts of {LOOP_STEPS} steps", LOOP),
    ]


def _actions(project: str, sizes: Sizes, now: datetime) -> Sequence[Look]:
    middle, since = sizes.actions // 2, now - timedelta(hours=23)
    found = sorted(number for number in range(sizes.actions) if str(number).startswith("7"))
    shown = {
        "the first page": ({}, range(PAGE_ROWS)),
        "a middle page": ({"after": action_name(middle - 1)}, range(middle, middle + PAGE_ROWS)),
        "a search": ({"search": "action 7"}, found[:PAGE_ROWS]),
    }
    return [
        Look(
            f"actions, {title}",
            "/actions",
            "raw_actions",
            (project, [action_name(number) for number in numbers], since.replace(minute=0, second=0, microsecond=0)),
            ACTIONS_TARGET_MS,
            query=query,
        )
        for title, (query, numbers) in shown.items()
    ]


def _invocations(project: str, sizes: Sizes, finished_at: datetime, row_id: str) -> Sequence[Look]:
    name = action_name(sizes.actions // 2)
    deep = encode_moment(finished_at, row_id)
    path = "/invocations"
    return [
        Look("invocations, the latest", path, "raw_latest", (project,)),
        Look("invocations, the latest that failed", path, "raw_failed", (project,), query={"status": "failed"}),
        Look("invocations, of an action", path, "raw_of_action", (project, name), query={"action": name}),
        Look(
            "invocations, from the middle on", path, "raw_deep", (project, finished_at, row_id), query={"before": deep}
        ),
    ]


def _of_run(title: str, run_id: str) -> Sequence[Look]:
    path, target = f"/runs/{run_id}", RUN_TARGET_MS
    return [
        Look(title, path, "raw_run", (run_id,), target),
        Look(f"{title}, a step on each time", path, "raw_run", (run_id,), target, moves=run_id),
        Look(
            f"{title}, live region, a step on each time",
            path,
            "raw_run",
            (run_id,),
            target,
            moves=run_id,
            live=True,
        ),
    ]
