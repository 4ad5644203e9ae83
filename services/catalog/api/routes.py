"""The table of contents: everything that the catalog answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.chassis.http import AnyRoute, Page, Role, Route
from services.catalog.api.access_routes import key_routes, project_routes
from services.catalog.api.action_catalog import ActionCatalogHandlers
from services.catalog.api.action_changes import ActionChangeHandlers
from services.catalog.api.action_secrets import ActionSecretHandlers
from services.catalog.api.actions import ActionHandlers
from services.catalog.api.api_keys import ApiKeyHandlers
from services.catalog.api.integration_routes import integration_routes
from services.catalog.api.integrations import IntegrationHandlers
from services.catalog.api.models import (
    ActionCatalogEntry,
    ActionCatalogListResponse,
    ActionCatalogQuery,
    ActionListResponse,
    ActionResponse,
    CreateActionRequest,
    UpdateActionQuery,
    UpdateActionRequest,
)
from services.catalog.api.project_config import ConfigHandlers
from services.catalog.api.project_members import MemberHandlers
from services.catalog.api.projects import ProjectHandlers
from services.catalog.api.secret_models import ActionSecretResponse, RotateSecretRequest, RotateSecretResult

ACTIONS = "/v1/projects/{project}/actions"


@dataclass(frozen=True, slots=True)
class Handlers:
    """Who answers, by noun."""

    projects: ProjectHandlers
    config: ConfigHandlers
    members: MemberHandlers
    keys: ApiKeyHandlers
    actions: ActionHandlers
    changes: ActionChangeHandlers
    secrets: ActionSecretHandlers
    catalog: ActionCatalogHandlers
    integrations: IntegrationHandlers


def routes(handlers: Handlers) -> Sequence[AnyRoute]:
    """The routes of `/v1`; health comes from the chassis."""
    return (
        *project_routes(handlers.projects, handlers.config, handlers.members),
        *key_routes(handlers.keys),
        *_of_actions(handlers.actions),
        *_of_action_changes(handlers.changes),
        *_of_signing_secrets(handlers.secrets),
        *_of_the_action_catalog(handlers.catalog),
        *integration_routes(handlers.integrations),
    )


def _of_actions(actions: ActionHandlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="POST",
            path=ACTIONS,
            operation_id="createAction",
            summary="Register an action.",
            handler=actions.create,
            role=Role.AUTHOR,
            body=CreateActionRequest,
            request_headers=("Idempotency-Key",),
            response_headers=("ETag", "Idempotency-Replayed"),
            responses={201: ActionResponse},
        ),
        Route(
            method="GET",
            path=ACTIONS,
            operation_id="listActions",
            summary="List the project's own actions, newest first.",
            handler=actions.list,
            role=Role.VIEWER,
            query=Page,
            responses={200: ActionListResponse},
        ),
        Route(
            method="GET",
            path=f"{ACTIONS}/{{action_name}}",
            operation_id="getAction",
            summary="Get one of the project's own actions.",
            handler=actions.get,
            role=Role.VIEWER,
            response_headers=("ETag",),
            responses={200: ActionResponse},
        ),
    )


def _of_action_changes(changes: ActionChangeHandlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="PATCH",
            path=f"{ACTIONS}/{{action_name}}",
            operation_id="updateAction",
            summary="Change an action; a change that dependents may notice has to be accepted.",
            handler=changes.update,
            role=Role.AUTHOR,
            body=UpdateActionRequest,
            query=UpdateActionQuery,
            request_headers=("If-Match",),
            response_headers=("ETag",),
            responses={200: ActionResponse},
        ),
        Route(
            method="DELETE",
            path=f"{ACTIONS}/{{action_name}}",
            operation_id="deleteAction",
            summary="Take an action away that no workflow uses; its name is free then.",
            handler=changes.delete,
            role=Role.AUTHOR,
            request_headers=("If-Match",),
            responses={204: None},
        ),
    )


def _of_signing_secrets(secrets: ActionSecretHandlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="POST",
            path=f"{ACTIONS}/{{action_name}}/secret/rotate",
            operation_id="rotateActionSecret",
            summary="Put a new signing secret in the place of the active one.",
            handler=secrets.rotate,
            role=Role.AUTHOR,
            body=RotateSecretRequest,
            body_optional=True,
            request_headers=("Idempotency-Key",),
            response_headers=("Idempotency-Replayed",),
            responses={200: RotateSecretResult},
        ),
        Route(
            method="GET",
            path=f"{ACTIONS}/{{action_name}}/secret",
            operation_id="getActionSecret",
            summary="See the versions of the signing secret, and when the endpoint last accepted each.",
            handler=secrets.get,
            role=Role.VIEWER,
            responses={200: ActionSecretResponse},
        ),
    )


def _of_the_action_catalog(catalog: ActionCatalogHandlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="GET",
            path=f"{ACTIONS}/catalog",
            operation_id="listCatalogActions",
            summary="List all actions that a step can name, the platform's too.",
            handler=catalog.list,
            role=Role.VIEWER,
            query=ActionCatalogQuery,
            responses={200: ActionCatalogListResponse},
        ),
        Route(
            method="GET",
            path=f"{ACTIONS}/catalog/{{action_name}}",
            operation_id="getCatalogAction",
            summary="Get one action that a step can name.",
            handler=catalog.get,
            role=Role.VIEWER,
            responses={200: ActionCatalogEntry},
        ),
    )
