"""An integration as it goes over the wire: what the dispatcher announces, with the project's connection."""

from libs.contracts.events.dispatcher import ConnectionTestState, PlatformIntegrationState
from services.catalog.api.integration_models import ConnectionTestResponse, IntegrationResponse
from services.catalog.domain.integrations import Connection


def integration_view(
    announced: PlatformIntegrationState, connection: Connection | None, test: ConnectionTestState | None
) -> IntegrationResponse:
    """Without any credential, because there is none to be had here."""
    usable = connection is not None or announced.has_default or not announced.needs_connection
    return IntegrationResponse(
        slug=announced.integration,
        title=announced.title,
        description=announced.description,
        available=usable and not announced.withdrawn,
        connected=connection is not None,
        needs_connection=announced.needs_connection,
        has_default=announced.has_default,
        connect_help=announced.connect_help or None,
        credentials_schema=announced.credentials_schema,
        fields=None if connection is None else list(connection.fields),
        connected_at=None if connection is None else connection.connected_at,
        connected_by=None if connection is None else connection.connected_by,
        last_test=_test_of(connection, test),
    )


def _test_of(connection: Connection | None, test: ConnectionTestState | None) -> ConnectionTestResponse | None:
    """Only of what is used now: a trial of other credentials says nothing about these."""
    used = None if connection is None else connection.version
    if test is None or test.connection_version != used:
        return None
    return ConnectionTestResponse(
        passed=test.passed,
        error_type=test.error_type,
        error_message=test.error_message,
        tested_at=test.tested_at,
        tested_by=test.tested_by,
    )
