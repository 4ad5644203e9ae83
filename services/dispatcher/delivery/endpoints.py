"""Where a project's action is called and who signs: by what the catalog has answered, not by what was heard of it."""

from libs.chassis.bus.looks import Look
from libs.chassis.sealing import CannotOpen
from services.dispatcher.delivery.verdict import Failure
from services.dispatcher.store.actions import ActionBook, Endpoint


class Endpoints:
    """`catch_up` reads the replica to its topic's present end.

    It is asked before each attempt, as for connections: an attempt that begins after a change was answered goes to the
    new URL and is signed by the new secrets, and what was just registered is there.
    """

    def __init__(self, book: ActionBook, catch_up: Look) -> None:
        self._book = book
        self._catch_up = catch_up

    async def of(self, project: str, action: str) -> Endpoint | Failure:
        """What an attempt needs, or why there is none. Raises `Unavailable` when the broker cannot say what the catalog
        has answered."""
        await self._catch_up()
        try:
            endpoint = self._book.endpoint(project, action)
        except CannotOpen as error:
            sentence = f"expected signing secrets that this installation can open, but one cannot be used: {error}"
            return _gone(sentence, "secret_not_opened")
        if endpoint is None:
            return _gone(f"expected an action called {action}, but the project has none any more", "action_gone")
        return endpoint


def _gone(sentence: str, cause: str) -> Failure:
    return Failure("fatal_error", sentence, retryable=False, certain=True, details={"cause": cause})
