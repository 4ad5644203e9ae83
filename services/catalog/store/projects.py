"""Projects: made, changed, found, listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.decider import Rejected, fold
from libs.chassis.journal.entry import Context, Entry, entries
from libs.contracts.tags import TagFilter
from services.catalog.domain.project_commands import CreateProject, ProjectCommand, decide, decide_creation, handle_of
from services.catalog.domain.projects import Project, announcement, evolve, state_stream
from services.catalog.store.commits import Commits, Proposal
from services.catalog.store.project_rows import project_of, put_part

QUERIES = load_queries(__package__)
NONE_YET = 0


@dataclass(frozen=True, slots=True)
class ProjectSearch:
    """Which projects. `reaches`: only this handle. `open_to`: only those that are open to this key of the whole
    installation. `before`: the id that the page before ended with."""

    status: Literal["active", "archived", "all"] = "active"
    prefix: str | None = None
    tags: Sequence[TagFilter] = ()
    reaches: str | None = None
    open_to: str | None = None
    before: str | None = None


class Projects:
    """Commands go through `commits`, queries through `reads`. All raise `Unavailable` when the database is away."""

    def __init__(self, reads: Reads, commits: Commits) -> None:
        self._reads = reads
        self._commits = commits

    async def create(self, command: CreateProject, context: Context) -> Project | Rejected:
        """Makes a project; known to every service when this returns."""
        return await self._commits.settle(lambda: self.propose_new(command, context))

    async def change(self, handle: str, command: ProjectCommand, context: Context) -> Project | Rejected:
        """Changes the project with this handle; answers it as it is then, changed or not."""
        return await self._commits.settle(lambda: self._propose(handle, command, context))

    async def find(self, name: str) -> Project | None:
        """By id or by handle; a deleted one is gone."""
        found = await self._any(name)
        return None if found is None or found.deleted_at is not None else found

    async def page(self, search: ProjectSearch, most: int) -> list[Project]:
        """Newest first."""
        rows = await self._reads.rows(
            QUERIES["list_projects"],
            search.before,
            search.status,
            search.prefix,
            [tag.key for tag in search.tags],
            [tag.choices for tag in search.tags],
            search.reaches,
            search.open_to,
            most,
        )
        return [project_of(row) for row in rows]

    async def _any(self, name: str) -> Project | None:
        row = await self._reads.row(QUERIES["find_project"], name)
        return None if row is None else project_of(row)

    async def propose_new(self, command: CreateProject, context: Context) -> Proposal[Project] | Rejected:
        """What making it would commit."""
        handle = handle_of(command)
        events = decide_creation(await self._any(handle), command, context.now)
        if isinstance(events, Rejected):
            return events
        return await self._said(None, entries(context, command.project_id, NONE_YET, handle, events), context)

    async def _propose(self, handle: str, command: ProjectCommand, context: Context) -> Proposal[Project] | Rejected:
        state = await self._any(handle)
        events = decide(state, command, context.now)
        if isinstance(events, Rejected):
            return events
        assert state is not None, "expected a refusal where there is no project"
        return await self._said(state, entries(context, state.project_id, state.version, handle, events), context)

    async def _said(self, state: Project | None, said: Sequence[Entry], context: Context) -> Proposal[Project]:
        project = fold(evolve, state, [entry.event for entry in said])
        assert project is not None, "expected project.created to make a project"
        if not said:
            return Proposal([], [], project)
        stream = state_stream(project.handle)
        last = await self._commits.last_sequence(stream)
        announced = entries(context, stream, last, project.handle, [announcement(project)])
        return Proposal([*said, *announced], [put_part(project)], project)
