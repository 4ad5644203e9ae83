"""The actions that can be called: the project's own, from the catalog's replica, with their secrets and gates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from libs.chassis.sealing import CannotOpen, Sealed, Sealer
from libs.contracts.action_secrets import secret_aad
from libs.contracts.events.catalog import ActionState, Annotations, SealedSecret
from libs.contracts.schema_gate import Gate, UnfitSchema, compile_schema

NO_PROMISES = Annotations()

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a project's action is called, and how it is signed. `secrets`: those that are valid now, newest first, and
    in the same order their `versions`."""

    url: str
    annotations: Annotations
    output_gate: Gate | None
    secrets: tuple[str, ...] = field(repr=False)
    versions: tuple[int, ...]
    action_id: str


class ActionBook:
    """Answers from the replica; opens secrets only when something is about to be signed."""

    def __init__(self, states: Mapping[str, ActionState], sealer: Sealer, now: Callable[[], datetime]) -> None:
        self._states = states
        self._sealer = sealer
        self._now = now
        self._gates: dict[str, tuple[ActionState, Gate | None]] = {}

    def state(self, project: str, action: str) -> ActionState | None:
        state = self._states.get(f"{project}/{action}")
        return None if state is None or state.deleted else state

    def annotations(self, project: str, action: str) -> Annotations | None:
        """None for an action that the project does not have."""
        state = self.state(project, action)
        return None if state is None else state.annotations or NO_PROMISES

    def output_gate(self, project: str, action: str) -> Gate | None:
        """None where any result is fine."""
        state = self.state(project, action)
        if state is None:
            return None
        key = f"{project}/{action}"
        known = self._gates.get(key)
        if known is None or known[0] is not state:
            known = self._gates[key] = (state, _gate(state))
        return known[1]

    def endpoint(self, project: str, action: str) -> Endpoint | None:
        """Raises `CannotOpen` when not all that should sign can be opened: a master key that this process does not
        know, a changed bit, a secret from elsewhere. Nothing goes out with fewer signatures than it should have."""
        state = self.state(project, action)
        if state is None:
            return None
        signing = self._signing(state)
        return Endpoint(
            url=state.endpoint_url,
            annotations=state.annotations or NO_PROMISES,
            output_gate=self.output_gate(project, action),
            secrets=tuple(self.opened(state, secret.version, secret.sealed) for secret in signing),
            versions=tuple(secret.version for secret in signing),
            action_id=state.action_id,
        )

    def opened(self, state: ActionState, version: int, sealed: str) -> str:
        """A secret of this action in clear. Raises `CannotOpen`."""
        return self._sealer.open(Sealed.parse(sealed), secret_aad(state.project, state.name, version)).decode()

    def _signing(self, state: ActionState) -> Sequence[SealedSecret]:
        """Those that sign now, newest first."""
        now = self._now()
        valid = [secret for secret in state.secrets if secret.expires_at is None or secret.expires_at > now]
        if not valid:
            raise CannotOpen("expected a secret that signs now, but there is none")
        return sorted(valid, key=lambda secret: secret.version, reverse=True)


def _gate(state: ActionState) -> Gate | None:
    """None where any result is fine; so it is for a schema that today's rules would not register."""
    if state.output_schema is None:
        return None
    try:
        return compile_schema(state.output_schema)
    except UnfitSchema as error:
        log.warning("output_schema_unfit", project=state.project, action=state.name, error=str(error))
        return None
