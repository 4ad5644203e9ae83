"""Makes signing secrets: the text that is answered once, and the sealed form that is kept and said."""

import os

from libs.chassis.sealing import Sealer
from libs.contracts.action_secrets import secret_aad
from libs.contracts.events.catalog import SealedSecret
from libs.contracts.signing import SECRET_BYTES, new_signing_secret


class SecretMint:
    """Seals under the installation's master key."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def make(self, project: str, action: str, version: int) -> tuple[str, SealedSecret]:
        """A fresh secret, in clear and sealed for this version of this action."""
        secret = self.fresh()
        return secret, self.seal(secret, project, action, version)

    def fresh(self) -> str:
        """The text of a new secret, from 256 random bits."""
        return new_signing_secret(os.urandom(SECRET_BYTES))

    def seal(self, secret: str, project: str, action: str, version: int) -> SealedSecret:
        """A secret as it is kept, bound to this version of this action."""
        sealed = self._sealer.seal(secret.encode(), secret_aad(project, action, version))
        return SealedSecret(version=version, sealed=str(sealed))
