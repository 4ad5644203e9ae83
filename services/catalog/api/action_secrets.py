"""The signing secret of an action: put another in its place, and see which versions there are and who accepted them."""

from collections.abc import Mapping
from datetime import timedelta

from libs.chassis.clock import Clock
from libs.chassis.http import NOT_FOUND, Answer, Call, Json
from libs.contracts.events.dispatcher import SecretUseState
from services.catalog.api.calls import context_of
from services.catalog.api.once import Once
from services.catalog.api.secret_mint import SecretMint
from services.catalog.api.secret_models import RotateSecretRequest, RotateSecretResult
from services.catalog.api.secret_views import secrets_view
from services.catalog.domain.actions import action_key
from services.catalog.domain.secrets import Secret
from services.catalog.store.secrets import Rotation, Secrets


class ActionSecretHandlers:
    """Answers `/actions/{action_name}/secret` and below. `uses` is the replica of what the dispatcher saw accepted."""

    def __init__(
        self, secrets: Secrets, once: Once, mint: SecretMint, uses: Mapping[str, SecretUseState], clock: Clock
    ) -> None:
        self._secrets = secrets
        self._once = once
        self._mint = mint
        self._uses = uses
        self._clock = clock

    async def rotate(self, call: Call[RotateSecretRequest, None]) -> Answer:
        """200 with the new secret, this once."""
        project, name, body = call.project, call.params["action_name"], call.body
        secret = self._mint.fresh()
        rotation = Rotation(
            name=name,
            grace=timedelta(seconds=body.grace_seconds),
            probe=body.probe,
            seal=lambda version: self._mint.seal(secret, project, name, version).sealed,
        )
        context = context_of(call, self._clock)
        return await self._once.settle(
            call,
            lambda: self._secrets.propose_rotation(rotation, context),
            lambda made: Json(200, _rotated(secret, made, extended=bool(body.model_fields_set))),
        )

    async def get(self, call: Call[None, None]) -> Answer:
        """200 with the versions, or 404."""
        name = call.params["action_name"]
        found = await self._secrets.ring(call.project, name)
        if found is None:
            return NOT_FOUND
        action, ring = found
        use = self._uses.get(action_key(call.project, name))
        return Json(200, secrets_view(action, ring, use, self._clock.now()))


def _rotated(secret: str, made: Secret, *, extended: bool) -> RotateSecretResult:
    """Who asks for none of what goes beyond the secret is answered nothing of it."""
    if not extended:
        return RotateSecretResult(signing_secret=secret)
    return RotateSecretResult(signing_secret=secret, secret_version=made.version, status=made.status)
