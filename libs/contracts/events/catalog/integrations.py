"""Projects' connections with integrations."""

from typing import ClassVar

from libs.contracts.payload import Payload


class IntegrationConnected(Payload):
    """A project was connected with an integration, or its connection got other credentials. None of them is in here."""

    type: ClassVar[str] = "integration.connected"

    integration: str
    """The integration by its slug, for example `github`."""
    connection_version: int
    """Grows with every change of the connection, from 1."""
    fields: list[str]
    """The names of the credentials that were given."""


class IntegrationDisconnected(Payload):
    """A project's connection with an integration is gone, and its credentials with it."""

    type: ClassVar[str] = "integration.disconnected"

    integration: str
    """The integration by its slug, for example `github`."""
    connection_version: int
    """The version of the credentials that are gone."""


class IntegrationState(Payload):
    """The latest of a project's connection with an integration; key: `<project>/<slug>`."""

    type: ClassVar[str] = "integration.state"

    project: str
    integration: str
    """The integration by its slug, for example `github`."""
    connection_version: int
    """Grows with every change of the connection, from 1."""
    sealed: str | None = None
    """The credentials, a JSON object, under the installation's master key; absent: disconnected."""
