"""The rings of signing secrets as rows."""

from collections.abc import Sequence
from datetime import timedelta

from libs.chassis.db.link import Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.statement import Part
from services.catalog.domain.secrets import Secret, SecretRing

QUERIES = load_queries(__package__)


def ring_parts(action_id: str, ring: SecretRing) -> list[Part]:
    """The parts that make the rows of an action be this ring."""
    versions = [secret.version for secret in ring.secrets]
    kept = (
        action_id,
        versions,
        [secret.sealed for secret in ring.secrets],
        [secret.created_at for secret in ring.secrets],
        [secret.expires_at for secret in ring.secrets],
        [None if secret.grace is None else int(secret.grace.total_seconds()) for secret in ring.secrets],
    )
    return [
        Part("secrets_kept", QUERIES["keep_secrets"], kept),
        Part("secrets_dropped", QUERIES["drop_secrets"], (action_id, versions)),
    ]


def rings_of(rows: Sequence[Row]) -> dict[str, SecretRing]:
    """By the id of the action; rows come newest version first."""
    found: dict[str, list[Secret]] = {}
    for row in rows:
        found.setdefault(row["action_id"], []).append(_secret_of(row))
    return {action_id: SecretRing(tuple(secrets)) for action_id, secrets in found.items()}


def _secret_of(row: Row) -> Secret:
    grace = row["grace_seconds"]
    return Secret(
        version=row["version"],
        sealed=row["sealed"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        grace=None if grace is None else timedelta(seconds=grace),
    )
