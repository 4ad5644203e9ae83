"""Who uses an action: saved workflows by their latest version, and runs that are open, by the version they began with.

Nothing is written for this when a run starts. It is found among what is there, so there is a bound to how much of that
is looked through; beyond it the answer says that it is not complete. The connection is its own: searches take turns,
and hold up nobody who looks at a run.
"""

from collections.abc import Sequence
from typing import NamedTuple, cast

from libs.chassis.db.link import Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.contracts.codec import JsonObject, parse_own_json

QUERIES = load_queries(__package__)
RUNS_LOOKED_AT = 100_000
"""The newest runs of the project, open or not: read in the order of an index, a quarter of a second for all of them."""
INLINE_LOOKED_AT = 1_000
"""Open runs whose spec is only in their first event, which has to be read for it."""


class OpenRuns(NamedTuple):
    """Runs in flight that use an action. `complete`: all open runs were looked at."""

    in_flight: int
    runs: Sequence[JsonObject]
    versions: Sequence[JsonObject]
    complete: bool


class Dependents:
    """Raises `Unavailable` when the database is away."""

    def __init__(self, reads: Reads, runs_looked_at: int = RUNS_LOOKED_AT, inline_looked_at: int = INLINE_LOOKED_AT):
        self._reads = reads
        self._runs_looked_at = runs_looked_at
        self._inline_looked_at = inline_looked_at

    async def workflows(self, project: str, action: str, most: int) -> Sequence[Row]:
        """By name: `workflow_id`, `name`, `latest_version` and the names of its `steps` that use the action."""
        return await self._reads.rows(QUERIES["find_workflows_using"], project, action, most)

    async def open_runs(self, project: str, action: str, most: int) -> OpenRuns:
        """How many there are, the newest of them, and how many of each version; at most `most` in either list."""
        looked_at, inline = self._runs_looked_at, self._inline_looked_at
        row = await self._reads.row(QUERIES["find_open_runs_using"], project, action, looked_at, inline, most)
        assert row is not None, "expected one row whatever is found"
        return OpenRuns(
            in_flight=row["in_flight"],
            runs=_objects(row["runs"]),
            versions=_objects(row["versions"]),
            complete=row["runs_there"] < looked_at and row["inline_there"] <= inline,
        )


def _objects(text: str) -> list[JsonObject]:
    return cast("list[JsonObject]", parse_own_json(text.encode()))
