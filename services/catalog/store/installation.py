"""What an installation has before anybody has made anything: projects and the keys that open them."""

from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.db.statement import Part
from libs.chassis.decider import Rejected, fold
from libs.chassis.journal.entry import Context, entries
from services.catalog.domain import keys, projects
from services.catalog.domain.keys import ApiKey, CreateApiKey
from services.catalog.domain.projects import CreateProject, Project
from services.catalog.store.commits import Commits, Proposal

QUERIES = load_queries(__package__)


class Installation:
    """Commands go through `commits`, queries through `reads`. All raise `Unavailable` when the database is away."""

    def __init__(self, reads: Reads, commits: Commits) -> None:
        self._reads = reads
        self._commits = commits

    async def create_project(self, command: CreateProject, context: Context) -> Project | Rejected:
        """Makes a project; known to every service when this returns."""
        return await self._commits.settle(lambda: self._propose_project(command, context))

    async def create_key(self, command: CreateApiKey, context: Context) -> ApiKey | Rejected:
        """Issues a key; known to every service when this returns."""
        return await self._commits.settle(lambda: self._propose_key(command, context))

    async def _project(self, handle: str) -> Project | None:
        row = await self._reads.row(QUERIES["find_project"], handle)
        if row is None:
            return None
        return Project(row["project_id"], row["handle"], row["name"], row["created_at"], row["updated_at"])

    async def _key(self, token_sha256: str) -> ApiKey | None:
        row = await self._reads.row(QUERIES["find_api_key"], token_sha256)
        if row is None:
            return None
        return ApiKey(row["key_id"], row["name"], row["role"], row["project"], row["created_at"])

    async def _propose_project(self, command: CreateProject, context: Context) -> Proposal[Project] | Rejected:
        events = projects.decide(await self._project(command.handle), command, context.now)
        if isinstance(events, Rejected):
            return events
        said = entries(context, command.project_id, 0, command.handle, events)
        project = fold(projects.evolve, None, [entry.event for entry in said])
        assert project is not None, "expected project.created to make a project"
        stream = projects.state_stream(project.handle)
        state = projects.announcement(project)
        announced = entries(context, stream, 0, project.handle, [state])
        return Proposal([*said, *announced], [_project_part(project)], project)

    async def _propose_key(self, command: CreateApiKey, context: Context) -> Proposal[ApiKey] | Rejected:
        events = keys.decide(await self._key(command.token_sha256), command, context.now)
        if isinstance(events, Rejected):
            return events
        said = entries(context, command.key_id, 0, command.key_id, events)
        key = fold(keys.evolve, None, [entry.event for entry in said])
        assert key is not None, "expected api_key.created to make a key"
        stream = keys.state_stream(key.key_id)
        state = keys.announcement(key, command.token_sha256)
        announced = entries(context, stream, 0, key.key_id, [state])
        return Proposal([*said, *announced], [_key_part(key, command.token_sha256)], key)


def _project_part(project: Project) -> Part:
    args = (project.project_id, project.handle, project.name, project.created_at, project.updated_at)
    return Part("project_inserted", QUERIES["insert_project"], args)


def _key_part(key: ApiKey, token_sha256: str) -> Part:
    args = (key.key_id, token_sha256, key.name, key.role, key.project, key.created_at)
    return Part("api_key_inserted", QUERIES["insert_api_key"], args)
