"""Which credentials an action is carried out with: the project's own, else the installation's, else none."""

from collections.abc import Awaitable, Callable
from typing import Final

from libs.chassis.sealing import CannotOpen
from services.dispatcher.delivery.integrations.port import Integration
from services.dispatcher.delivery.verdict import Failure
from services.dispatcher.store.connections import Connection, ConnectionBook

NOT_CONNECTED: Final = "integration_not_connected"


class Connections:
    """`catch_up` reads the replica to its topic's present end.

    It is asked each time: what the catalog has answered holds for every call that begins afterwards, so that nothing is
    done under credentials that were replaced or taken back. The look is shared by all who wait for one, and short
    beside a call to somebody outside.
    """

    def __init__(self, book: ConnectionBook, catch_up: Callable[[], Awaitable[None]]) -> None:
        self._book = book
        self._catch_up = catch_up

    async def of(self, project: str, integration: Integration) -> Connection | Failure:
        """What a step of the project is carried out with, or why it cannot be. Raises `Unavailable` when the broker
        cannot say what the catalog has answered."""
        if integration.connecting is None:
            return Connection(None, {})
        await self._catch_up()
        try:
            own = self._book.find(project, integration.slug)
        except CannotOpen as error:
            sentence = f"expected credentials that this installation can open, but {error}"
            return Failure("fatal_error", sentence, retryable=False, certain=True)
        return own or _without_own(project, integration)


def _without_own(project: str, integration: Integration) -> Connection | Failure:
    if integration.default is not None:
        return Connection(None, integration.default)
    if integration.connecting is not None and not integration.connecting.required:
        return Connection(None, {})
    path = f"/v1/projects/{project}/integrations/{integration.slug}"
    return Failure(
        NOT_CONNECTED,
        f"expected a connection with {integration.title}, but project {project} has none: connect it with PUT {path}",
        retryable=False,
        certain=True,
        details={"integration": integration.slug, "connect": path},
    )
