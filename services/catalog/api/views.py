"""What the catalog knows, as it goes over the wire."""

from libs.contracts.events.catalog import Annotations
from libs.contracts.events.dispatcher import PlatformActionState
from services.catalog.api.models import ActionAnnotationsResponse, ActionCatalogEntry, ActionResponse
from services.catalog.domain.actions import Action

PROJECT_SOURCE = "project"


def action_view(action: Action, signing_secret: str | None = None) -> ActionResponse:
    """An action; with its secret only where it was just made."""
    return ActionResponse(
        id=action.action_id,
        name=action.name,
        title=action.title,
        description=action.description,
        endpoint_url=action.endpoint_url,
        input_schema=action.input_schema,
        output_schema=action.output_schema,
        annotations=_annotations(action.annotations),
        signing_secret=signing_secret,
        created_at=action.created_at,
        updated_at=action.updated_at,
    )


def project_entry(action: Action, available: bool) -> ActionCatalogEntry:
    """A project's action in the catalog."""
    return ActionCatalogEntry(
        name=action.name,
        title=action.title,
        description=action.description,
        source=PROJECT_SOURCE,
        available=available,
        annotations=_annotations(action.annotations),
        input_schema=action.input_schema,
        output_schema=action.output_schema,
        endpoint_url=action.endpoint_url,
    )


def platform_entry(action: PlatformActionState, available: bool) -> ActionCatalogEntry:
    """An integration's action in the catalog."""
    return ActionCatalogEntry(
        name=action.name,
        title=action.title,
        description=action.description,
        integration=action.integration,
        source=action.integration,
        available=available,
        annotations=_annotations(action.annotations),
        input_schema=action.input_schema,
        output_schema=action.output_schema,
    )


def _annotations(annotations: Annotations | None) -> ActionAnnotationsResponse | None:
    if annotations is None:
        return None
    return ActionAnnotationsResponse(
        idempotent=annotations.idempotent, destructive=annotations.destructive, read_only=annotations.read_only
    )
