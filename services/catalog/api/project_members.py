"""The members of a project over HTTP: its own keys, and those of the whole installation that were added."""

from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.http import Answer, Call, Empty, Json, Page, decode_cursor, encode_cursor
from libs.chassis.ids import derived_id
from services.catalog.api.calls import ProjectFinder, context_of
from services.catalog.api.project_models import (
    AddProjectMemberRequest,
    ProjectMemberListResponse,
    ProjectMemberResponse,
)
from services.catalog.domain.keys import ApiKey
from services.catalog.domain.project_members import AddMember, RemoveMember
from services.catalog.domain.projects import Member, Project
from services.catalog.store.keys import Keys
from services.catalog.store.projects import Projects


class MemberHandlers:
    """Answers `/projects/{id}/members`."""

    def __init__(self, projects: Projects, keys: Keys, finder: ProjectFinder, clock: Clock) -> None:
        self._projects = projects
        self._keys = keys
        self._finder = finder
        self._clock = clock

    async def list(self, call: Call[None, Page]) -> Answer:
        """One page, by the ids of their keys; without keys that were revoked or have expired."""
        project = await self._finder.named(call)
        if isinstance(project, Rejected):
            return project
        after = "" if call.query.cursor is None else decode_cursor(call.query.cursor, [str])
        if isinstance(after, Rejected):
            return after
        wanted, last, now = call.query.limit + 1, str(after[0]) if after else "", self._clock.now()
        born = await self._keys.born_after(project.handle, last, now, wanted)
        valid = await self._keys.valid(list(project.members), now)
        added = [member for member in project.members.values() if member.key_id in valid and member.key_id > last]
        found = sorted([*map(_by_birth, born), *added], key=lambda member: member.key_id)[:wanted]
        page, more = found[: call.query.limit], len(found) == wanted
        items = [_member_view(project, member) for member in page]
        cursor = encode_cursor(page[-1].key_id) if more else None
        return Json(200, ProjectMemberListResponse(items=items, has_more=more, next_cursor=cursor))

    async def add(self, call: Call[AddProjectMemberRequest, None]) -> Answer:
        """201; 200 for one that was a member before."""
        project = await self._finder.named(call)
        if isinstance(project, Rejected):
            return project
        key = await self._keys.find(call.body.user_id)
        valid = key if key is not None and key.status(self._clock.now()) == "active" else None
        context = context_of(call, self._clock, project.handle)
        changed = await self._projects.change(project.handle, AddMember(valid), context)
        if isinstance(changed, Rejected):
            return changed
        assert valid is not None, "expected a refusal of what is no key"
        member = changed.members.get(valid.key_id) or _by_birth(valid)
        was = changed.version == project.version
        return Json(200 if was else 201, _member_view(changed, member))

    async def remove(self, call: Call[None, None]) -> Answer:
        """204; 400 for the last one of a restricted project and for the project's own keys."""
        project = await self._finder.named(call)
        if isinstance(project, Rejected):
            return project
        now, key_id = self._clock.now(), call.params["user_id"]
        key = await self._keys.find(key_id)
        command = RemoveMember(
            key_id=key_id,
            born_here=key is not None and key.project == project.handle and key.status(now) == "active",
            others_born=await self._keys.any_born(project.handle, now),
            valid=await self._keys.valid(list(project.members), now),
        )
        changed = await self._projects.change(project.handle, command, context_of(call, self._clock, project.handle))
        return changed if isinstance(changed, Rejected) else Empty(204)


def _by_birth(key: ApiKey) -> Member:
    return Member(key.key_id, key.created_at, key.created_by)


def _member_view(project: Project, member: Member) -> ProjectMemberResponse:
    return ProjectMemberResponse(
        id=derived_id("mem", project.project_id, member.key_id),
        project_id=project.project_id,
        user_id=member.key_id,
        added_by_actor_type=None if member.added_by is None else "api_key",
        added_by_actor_id=member.added_by,
        added_at=member.added_at,
    )
