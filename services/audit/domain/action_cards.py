"""An action as it is shown: everything about it but its secrets."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from libs.contracts.codec import JsonObject
from libs.contracts.events.catalog import ActionState, Annotations
from libs.contracts.events.dispatcher import PlatformActionState, PlatformIntegrationState, SecretUseState

Source = Literal["project", "platform"]
NO_PROMISES = Annotations()


@dataclass(frozen=True, slots=True)
class SecretVersion:
    """A signing secret by its number: never the secret. `expires_at`: it was replaced and signs until then. `pending`:
    it signs nothing but probes yet. `accepted_at`: when the endpoint last took what it had signed, to a minute."""

    version: int
    created_at: datetime | None
    expires_at: datetime | None
    pending: bool
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class ActionCard:
    """An action of a project or of the platform. `integration`, a slug, is what a platform action belongs to;
    `endpoint_url`, `action_id` and `secrets`, the newest first, are a project action's. `available`: a step that names
    it can be carried out, as far as connections go."""

    name: str
    source: Source
    integration: str | None
    action_id: str | None
    title: str | None
    description: str | None
    endpoint_url: str | None
    input_schema: JsonObject | None
    output_schema: JsonObject | None
    annotations: Annotations
    secrets: tuple[SecretVersion, ...]
    available: bool


@dataclass(frozen=True, slots=True)
class IntegrationCard:
    """An integration of this installation, as it is for a project. `connected`: with credentials of the project's own;
    `usable`: its actions can be carried out."""

    integration: str
    title: str
    description: str
    connect_help: str
    takes_credentials: bool
    connected: bool
    usable: bool


def project_card(state: ActionState, used: SecretUseState | None) -> ActionCard:
    """The card of a project's action."""
    card = ActionCard(
        name=state.name,
        source="project",
        integration=None,
        action_id=state.action_id,
        title=state.title,
        description=state.description,
        endpoint_url=state.endpoint_url,
        input_schema=state.input_schema,
        output_schema=state.output_schema,
        annotations=state.annotations or NO_PROMISES,
        secrets=_secrets(state),
        available=True,
    )
    return card if used is None else with_use(card, used)


def with_use(card: ActionCard, used: SecretUseState) -> ActionCard:
    """The card with what is known of the use of its secrets; as it is, if that is of an earlier action of the name."""
    if used.action_id != card.action_id:
        return card
    accepted = {use.version: use.accepted_at for use in used.uses}
    secrets = tuple(replace(one, accepted_at=accepted.get(one.version)) for one in card.secrets)
    return replace(card, secrets=secrets)


def platform_card(state: PlatformActionState, connected: Collection[str]) -> ActionCard:
    """The card of a platform action, for a project that is connected with these integrations."""
    return ActionCard(
        name=state.name,
        source="platform",
        integration=state.integration,
        action_id=None,
        title=state.title,
        description=state.description,
        endpoint_url=None,
        input_schema=state.input_schema,
        output_schema=state.output_schema,
        annotations=state.annotations,
        secrets=(),
        available=state.available or state.integration in connected,
    )


def integration_card(state: PlatformIntegrationState, connected: Collection[str]) -> IntegrationCard:
    """The card of an integration, for a project that is connected with these."""
    own = state.integration in connected
    return IntegrationCard(
        integration=state.integration,
        title=state.title,
        description=state.description,
        connect_help=state.connect_help,
        takes_credentials=state.credentials_schema is not None,
        connected=own,
        usable=own or state.has_default or not state.needs_connection,
    )


def _secrets(state: ActionState) -> tuple[SecretVersion, ...]:
    found = [SecretVersion(one.version, one.created_at, one.expires_at, False, None) for one in state.secrets]
    waiting = state.pending_secret
    if waiting is not None:
        found.append(SecretVersion(waiting.version, waiting.created_at, None, True, None))
    return tuple(sorted(found, key=_version, reverse=True))


def _version(secret: SecretVersion) -> int:
    return secret.version
