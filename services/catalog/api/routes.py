"""The table of contents: everything that the catalog answers."""

from collections.abc import Sequence

from libs.chassis.http import AnyRoute, Page, Role, Route
from services.catalog.api.action_catalog import ActionCatalogHandlers
from services.catalog.api.action_changes import ActionChangeHandlers
from services.catalog.api.actions import ActionHandlers
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

ACTIONS = "/v1/projects/{project}/actions"


def routes(
    actions: ActionHandlers,
    changes: ActionChangeHandlers,
    catalog: ActionCatalogHandlers,
    integrations: IntegrationHandlers,
) -> Sequence[AnyRoute]:
    """The routes of `/v1`; health comes from the chassis."""
    return (
        *_of_actions(actions),
        *_of_action_changes(changes),
        *_of_the_action_catalog(catalog),
        *integration_routes(integrations),
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
            responses={200: ActionResponse},
        ),
        Route(
            method="DELETE",
            path=f"{ACTIONS}/{{action_name}}",
            operation_id="deleteAction",
            summary="Take an action away that no workflow uses; its name is free then.",
            handler=changes.delete,
            role=Role.AUTHOR,
            responses={204: None},
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
