"""The part of the table of contents that is about connections with integrations."""

from collections.abc import Sequence

from libs.chassis.http import AnyRoute, Role, Route
from services.catalog.api.integration_models import (
    ConnectIntegrationRequest,
    IntegrationListResponse,
    IntegrationResponse,
)
from services.catalog.api.integrations import IntegrationHandlers

INTEGRATIONS = "/v1/projects/{project}/integrations"


def integration_routes(integrations: IntegrationHandlers) -> Sequence[AnyRoute]:
    """Whoever may look sees what there is; only an admin hands in credentials."""
    return (
        Route(
            method="GET",
            path=INTEGRATIONS,
            operation_id="listIntegrations",
            summary="List the integrations, and what the project is connected with.",
            handler=integrations.list,
            role=Role.VIEWER,
            responses={200: IntegrationListResponse},
        ),
        Route(
            method="GET",
            path=f"{INTEGRATIONS}/{{slug}}",
            operation_id="getIntegration",
            summary="Get one integration, and how the project is connected with it.",
            handler=integrations.get,
            role=Role.VIEWER,
            responses={200: IntegrationResponse},
        ),
        Route(
            method="PUT",
            path=f"{INTEGRATIONS}/{{slug}}",
            operation_id="connectIntegration",
            summary="Connect the project with an integration, or give it other credentials.",
            handler=integrations.connect,
            role=Role.ADMIN,
            body=ConnectIntegrationRequest,
            responses={200: IntegrationResponse, 201: IntegrationResponse},
        ),
        Route(
            method="DELETE",
            path=f"{INTEGRATIONS}/{{slug}}",
            operation_id="disconnectIntegration",
            summary="Disconnect the project from an integration; its credentials are used no more.",
            handler=integrations.disconnect,
            role=Role.ADMIN,
            responses={204: None},
            in_archive=True,
        ),
    )
