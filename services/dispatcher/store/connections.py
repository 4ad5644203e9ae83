"""The projects' connections with integrations, from the catalog's replica. Credentials are opened at use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from libs.chassis.sealing import CannotOpen, Sealed, Sealer
from libs.contracts.codec import InvalidJson, JsonObject, parse_own_json
from libs.contracts.events.catalog import IntegrationState
from libs.contracts.integration_credentials import credentials_aad


@dataclass(frozen=True, slots=True)
class Connection:
    """What an integration is called with. `version` is that of the project's credentials; None: the installation's own,
    or none at all."""

    version: int | None
    credentials: JsonObject = field(repr=False)


class ConnectionBook:
    """Answers from the replica."""

    def __init__(self, states: Mapping[str, IntegrationState], sealer: Sealer) -> None:
        self._states = states
        self._sealer = sealer

    def find(self, project: str, integration: str) -> Connection | None:
        """None for a project that is not connected. Raises `CannotOpen` for credentials that are not under a master key
        that this process knows, or that were sealed for another place."""
        state = self._states.get(f"{project}/{integration}")
        if state is None or state.sealed is None:
            return None
        opened = self._sealer.open(Sealed.parse(state.sealed), credentials_aad(project, integration))
        try:
            return Connection(state.connection_version, cast(JsonObject, parse_own_json(opened)))
        except InvalidJson:
            raise CannotOpen("expected credentials in JSON, but they are none") from None
