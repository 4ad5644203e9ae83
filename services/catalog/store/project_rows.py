"""Projects as rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from libs.chassis.clock import format_time
from libs.chassis.db.link import Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.statement import Part
from libs.contracts.codec import Json, dump_json, parse_own_json
from libs.contracts.events.catalog import ConfigEntry
from services.catalog.domain.projects import Member, Project

QUERIES = load_queries(__package__)


def put_part(project: Project) -> Part:
    """The part that writes a project's row, new or not."""
    args = (
        project.project_id,
        project.handle,
        project.name,
        project.description,
        project.access_mode,
        _text(dict(project.tags)),
        _text([entry.model_dump() for entry in project.config]),
        _text([_member_json(member) for member in project.members.values()]),
        project.created_by,
        project.created_at,
        project.updated_at,
        project.archived_at,
        project.deleted_at,
        project.version,
    )
    return Part("project_put", QUERIES["put_project"], args)


def project_of(row: Row) -> Project:
    """A project from its row."""
    members = [_member(told) for told in cast("list[Mapping[str, str]]", _json(row["members"]))]
    return Project(
        project_id=row["project_id"],
        handle=row["handle"],
        name=row["name"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        description=row["description"],
        access_mode=row["access_mode"],
        tags=cast("Mapping[str, str]", _json(row["tags"])),
        config=tuple(ConfigEntry.model_validate(entry) for entry in cast("list[object]", _json(row["config"]))),
        members={member.key_id: member for member in members},
        created_by=row["created_by"],
        archived_at=row["archived_at"],
        deleted_at=row["deleted_at"],
        version=row["version"],
    )


def _member_json(member: Member) -> Json:
    return {"key_id": member.key_id, "added_at": format_time(member.added_at), "added_by": member.added_by}


def _member(told: Mapping[str, str]) -> Member:
    return Member(told["key_id"], datetime.fromisoformat(told["added_at"]), told.get("added_by"))


def _text(value: Json) -> str:
    return dump_json(value).decode()


def _json(text: str) -> Json:
    return parse_own_json(text.encode())
