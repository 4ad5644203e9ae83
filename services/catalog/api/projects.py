"""Projects over HTTP: make, look at, change, archive, restore, delete."""

from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.http import Answer, Call, Empty, Json, Role, decode_cursor, encode_cursor
from libs.chassis.http.errors import forbidden
from libs.chassis.http.tag_filters import tag_filters
from libs.chassis.ids import new_id
from services.catalog.api.calls import Body, ProjectFinder, context_of
from services.catalog.api.once import Once
from services.catalog.api.project_models import (
    CreateProjectRequest,
    ProjectListResponse,
    ProjectResponse,
    ProjectsPage,
    UpdateProjectRequest,
)
from services.catalog.domain.project_commands import (
    ArchiveProject,
    CreateProject,
    DeleteProject,
    ProjectCommand,
    RestoreProject,
    UpdateProject,
    handle_of,
)
from services.catalog.domain.project_members import MOST_MEMBERS
from services.catalog.domain.projects import Project
from services.catalog.store.keys import Keys
from services.catalog.store.projects import Projects, ProjectSearch

NEXT_CURSOR = "X-Next-Cursor"
ONLY_INSTALLATION = forbidden("expected a key of the whole installation, but it is one of a project")


class ProjectHandlers:
    """Answers `/projects` and `/projects/{id}`."""

    def __init__(self, projects: Projects, keys: Keys, once: Once, finder: ProjectFinder, clock: Clock) -> None:
        self._projects = projects
        self._keys = keys
        self._once = once
        self._finder = finder
        self._clock = clock

    async def create(self, call: Call[CreateProjectRequest, None]) -> Answer:
        """201; 409 for a handle that is taken, also by a project that was deleted."""
        if call.principal.project is not None:
            return ONLY_INSTALLATION
        body = call.body
        command = CreateProject(
            project_id=new_id("prj"),
            name=body.name,
            handle=body.handle,
            description=body.description,
            access_mode=body.access_mode or "org_open",
            tags=body.tags,
        )
        context = context_of(call, self._clock, handle_of(command))
        return await self._once.settle(
            call,
            lambda: self._projects.propose_new(command, context),
            lambda project: Json(201, project_view(project)),
        )

    async def list(self, call: Call[None, ProjectsPage]) -> Answer:
        """Those that the key can see, newest first."""
        search = _search(call)
        if isinstance(search, Rejected):
            return search
        found = await self._projects.page(search, call.query.limit + 1)
        page, more = found[: call.query.limit], len(found) > call.query.limit
        headers = {NEXT_CURSOR: encode_cursor(page[-1].project_id)} if more else None
        return Json(200, ProjectListResponse(items=[project_view(project) for project in page]), headers)

    async def get(self, call: Call[None, None]) -> Answer:
        """200, or 404."""
        project = await self._finder.named(call)
        return project if isinstance(project, Rejected) else Json(200, project_view(project))

    async def update(self, call: Call[UpdateProjectRequest, None]) -> Answer:
        """200 with the project as it is now."""
        body = call.body
        seeds = body.access_mode == "restricted" and body.seed_existing_members
        command = UpdateProject(
            name=body.name,
            description=body.description,
            access_mode=body.access_mode,
            tags=body.tags,
            seed=await self._keys.of_installation(self._clock.now(), MOST_MEMBERS + 1) if seeds else (),
        )
        return await self._change(call, command)

    async def archive(self, call: Call[None, None]) -> Answer:
        """200 with the project, archived now or before."""
        return await self._change(call, ArchiveProject())

    async def restore(self, call: Call[None, None]) -> Answer:
        """200 with the project, restored now or active before."""
        return await self._change(call, RestoreProject())

    async def delete(self, call: Call[None, None]) -> Answer:
        """204; 409 for a project that is not archived."""
        project = await self._finder.named(call)
        if isinstance(project, Rejected):
            return project
        if call.principal.project is not None:
            return ONLY_INSTALLATION
        context = context_of(call, self._clock, project.handle)
        gone = await self._projects.change(project.handle, DeleteProject(), context)
        return gone if isinstance(gone, Rejected) else Empty(204)

    async def _change(self, call: Call[Body, None], command: ProjectCommand) -> Answer:
        project = await self._finder.named(call)
        if isinstance(project, Rejected):
            return project
        context = context_of(call, self._clock, project.handle)
        changed = await self._projects.change(project.handle, command, context)
        return changed if isinstance(changed, Rejected) else Json(200, project_view(changed))


def project_view(project: Project) -> ProjectResponse:
    """A project, as it goes over the wire."""
    return ProjectResponse(
        id=project.project_id,
        name=project.name,
        handle=project.handle,
        description=project.description,
        access_mode=project.access_mode,
        created_by=project.created_by,
        archived_at=project.archived_at,
        tags=dict(project.tags),
        created_at=project.created_at,
        updated_at=project.updated_at,
    )


def _search(call: Call[None, ProjectsPage]) -> ProjectSearch | Rejected:
    query, principal = call.query, call.principal
    tags = tag_filters(query.tag)
    if isinstance(tags, Rejected):
        return tags
    before = None if query.cursor is None else decode_cursor(query.cursor, [str])
    if isinstance(before, Rejected):
        return before
    everywhere = principal.role is Role.ADMIN or not principal.of_installation
    return ProjectSearch(
        status=query.status,
        prefix=query.search,
        tags=tags,
        reaches=principal.project,
        open_to=None if everywhere else principal.key_id,
        before=None if before is None else str(before[0]),
    )
