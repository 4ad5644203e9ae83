"""Workflow definitions and their versions, read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads

QUERIES = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Workflow:
    """A definition as it is called now. `tags` are JSON; `actions`: what the steps of its latest version name."""

    id: str
    project: str
    handle: str
    name: str
    description: str | None
    tags: bytes
    published_as_tool: bool
    latest_version: int
    actions: Sequence[str]
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in a list. When and by whom it was saved is not known where only its runs tell of it."""

    version: int
    created_at: datetime | None
    created_by: str | None


@dataclass(frozen=True, slots=True)
class Version(VersionRow):
    """A version with what it says, as JSON."""

    spec: bytes


async def list_workflows(reads: Reads, project: str, after: str | None, limit: int) -> list[Workflow]:
    """By handle; those behind the handle `after`."""
    rows = await reads.rows(QUERIES["list_workflows"], project, after or "", limit)
    return [Workflow(*row) for row in rows]


async def find_workflow(reads: Reads, project: str, handle_or_id: str) -> Workflow | None:
    """The project's workflow with this handle or id."""
    row = await reads.row(QUERIES["find_workflow"], project, handle_or_id)
    return None if row is None else Workflow(**dict(row))


async def list_versions(reads: Reads, project: str, workflow_id: str, limit: int) -> list[VersionRow]:
    """The newest first."""
    rows = await reads.rows(QUERIES["list_versions"], project, workflow_id, limit)
    return [VersionRow(*row) for row in rows]


async def find_version(reads: Reads, project: str, workflow_id: str, version: int) -> Version | None:
    """What a version of the project's workflow says."""
    row = await reads.row(QUERIES["find_version"], project, workflow_id, version)
    return None if row is None else Version(**dict(row))


async def workflows_using(reads: Reads, project: str, action_names: Sequence[str]) -> Mapping[str, list[str]]:
    """By action, the handles of the workflows whose latest version names it; an action that none names has none."""
    found: dict[str, list[str]] = {name: [] for name in action_names}
    for row in await reads.rows(QUERIES["list_workflows_using"], project, list(action_names)):
        found[row["action"]].append(row["handle"])
    return found
