"""What goes over the wire about connections with integrations. Credentials only ever come in."""

from datetime import datetime

from pydantic import Field

from libs.chassis.http import Body
from libs.contracts.payload import JsonValue
from services.catalog.api.models import Answer


class ConnectIntegrationRequest(Body):
    """What connects the project. It takes the place of what was there before."""

    credentials: dict[str, JsonValue] = Field(
        description="As the integration's `credentials_schema` has them. They are sealed, and answered by nothing."
    )


class ConnectionTestResponse(Answer):
    """How the connection fared when it was tried last."""

    passed: bool = Field(description="Whether the other side took the credentials.")
    error_type: str | None = Field(None, description="What kind of error it was.")
    error_message: str | None = Field(None, description="The error as a sentence.")
    tested_at: datetime = Field(description="When it was tried.")
    tested_by: str = Field(description="The key that asked for it, by its id.")


class IntegrationResponse(Answer):
    """An integration of this installation, and how the project is connected with it."""

    slug: str = Field(description="Its name in paths and before the dot of its actions.")
    title: str
    description: str
    available: bool = Field(description="Whether steps of this project can use its actions.")
    connected: bool = Field(description="Whether the project has given it credentials.")
    needs_connection: bool = Field(description="Whether its actions need credentials.")
    has_default: bool = Field(description="Whether the installation has its own for projects that are not connected.")
    connect_help: str | None = Field(None, description="Where the credentials come from.")
    credentials_schema: dict[str, JsonValue] | None = Field(
        None, description="JSON Schema of the credentials; what is secret is `writeOnly`. Absent: it takes none."
    )
    fields: list[str] | None = Field(None, description="The names of the credentials that are set.")
    connected_at: datetime | None = Field(None, description="When the credentials came.")
    connected_by: str | None = Field(None, description="The key that they came with, by its id.")
    last_test: ConnectionTestResponse | None = Field(
        None, description="The last trial of what is used now; absent: not tried since it changed."
    )


class IntegrationListResponse(Answer):
    """Every integration of this installation, by slug."""

    items: list[IntegrationResponse]
