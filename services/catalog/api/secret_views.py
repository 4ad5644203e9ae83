"""Signing secrets as they go over the wire: which there are, and what is known of their use."""

from datetime import datetime

from libs.contracts.events.dispatcher import SecretProbe, SecretUse, SecretUseState
from services.catalog.api.secret_models import ActionSecretResponse, SecretProbeResponse, SecretVersionResponse
from services.catalog.domain.actions import Action
from services.catalog.domain.secrets import Secret, SecretRing


def secrets_view(action: Action, ring: SecretRing, use: SecretUseState | None, now: datetime) -> ActionSecretResponse:
    """What may still sign at `now`. A use that belongs to another action of this name, gone since, is none of it."""
    if use is not None and use.action_id != action.action_id:
        use = None
    versions = [_version_view(secret, use) for secret in ring.at(now).secrets]
    return ActionSecretResponse(secret_version=ring.active.version, secrets=versions)


def _version_view(secret: Secret, use: SecretUseState | None) -> SecretVersionResponse:
    accepted = _use_of(secret, use)
    probe = use.probe if use is not None else None
    return SecretVersionResponse(
        version=secret.version,
        status=secret.status,
        created_at=secret.created_at,
        expires_at=secret.expires_at,
        last_accepted_at=None if accepted is None else accepted.accepted_at,
        last_accepted_alone_at=None if accepted is None else accepted.accepted_alone_at,
        last_probe=_probe_view(probe) if probe is not None and probe.version == secret.version else None,
    )


def _use_of(secret: Secret, use: SecretUseState | None) -> SecretUse | None:
    return next((one for one in use.uses if one.version == secret.version), None) if use is not None else None


def _probe_view(probe: SecretProbe) -> SecretProbeResponse:
    return SecretProbeResponse(at=probe.at, tries=probe.tries, status=probe.status, error=probe.error)
