"""Actions as rows. Schemas are kept as the JSON text that they came as."""

from typing import cast

from libs.chassis.db.link import Row
from libs.chassis.db.statement import Part
from libs.contracts.codec import Json, dump_json, parse_own_json
from libs.contracts.events.catalog import Annotations
from services.catalog.domain.actions import Action, Schema


def insert_part(action: Action, sql: str) -> Part:
    """The part that adds a new action's row."""
    args = (
        action.action_id,
        action.project,
        action.name,
        action.title,
        action.description,
        action.endpoint_url,
        _text(action.input_schema),
        _text(action.output_schema),
        _text(None if action.annotations is None else action.annotations.model_dump()),
        action.secret_version,
        action.created_at,
        action.updated_at,
        action.version,
    )
    return Part("action_inserted", sql, args)


def update_part(before: Action, action: Action, sql: str) -> Part:
    """The part that makes an action's row what the action is now, if it is still what was decided by."""
    args = (
        action.action_id,
        action.title,
        action.description,
        action.endpoint_url,
        _text(action.input_schema),
        _text(action.output_schema),
        _text(None if action.annotations is None else action.annotations.model_dump()),
        action.updated_at,
        action.version,
        before.version,
    )
    return Part("action_updated", sql, args, expect=1)


def delete_part(action: Action, sql: str) -> Part:
    """The part that takes an action's row away."""
    return Part("action_deleted", sql, (action.action_id, action.version), expect=1)


def action_of(row: Row) -> Action:
    """An action from its row."""
    annotations = _json(row["annotations"])
    return Action(
        action_id=row["action_id"],
        project=row["project"],
        name=row["name"],
        title=row["title"],
        description=row["description"],
        endpoint_url=row["endpoint_url"],
        input_schema=cast("Schema | None", _json(row["input_schema"])),
        output_schema=cast("Schema | None", _json(row["output_schema"])),
        annotations=None if annotations is None else Annotations.model_validate(annotations),
        secret_version=row["secret_version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        version=row["version"],
    )


def _text(value: object | None) -> str | None:
    return None if value is None else dump_json(value).decode()


def _json(text: str | None) -> Json:
    return None if text is None else parse_own_json(text.encode())
