"""What requests with an Idempotency-Key were answered: sealed, because an answer may hold what is told only once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.db.statement import Part
from libs.chassis.decider import Rejected
from libs.chassis.http.idempotency import FIELD, REUSED
from libs.chassis.sealing import CannotOpen, Sealed, Sealer

QUERIES = load_queries(__package__)
UNREADABLE: Final = Rejected(
    "invalid_state",
    "expected an answer that can still be read, but its master key is gone: what was asked for has been done",
    FIELD,
    code="idempotency_answer_lost",
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request of one caller: `key` is the caller's own name for it, `sha256` what it asks for."""

    project: str
    caller: str
    key: str
    sha256: str

    def aad(self) -> bytes:
        """What its sealed answer is bound to."""
        return f"mobius/kept-answer/{self.project}/{self.caller}/{self.key}/{self.sha256}".encode()


class KeptAnswers:
    """Raises `Unavailable` when the database is away."""

    def __init__(self, reads: Reads, sealer: Sealer, keep_for: timedelta) -> None:
        self._reads = reads
        self._sealer = sealer
        self._keep_for = keep_for

    async def find(self, request: Request) -> bytes | Rejected | None:
        """The answer, None for a request that is new, or why its key cannot be used for it."""
        row = await self._reads.row(QUERIES["find_kept_answer"], request.project, request.caller, request.key)
        if row is None:
            return None
        if row["request"] != request.sha256:
            return REUSED
        try:
            return self._sealer.open(Sealed.parse(row["answer"]), request.aad())
        except CannotOpen:
            return UNREADABLE

    def part(self, request: Request, answer: bytes) -> Part:
        """Keeps the answer, together with what it is the answer to."""
        sealed = str(self._sealer.seal(answer, request.aad()))
        args = (request.project, request.caller, request.key, request.sha256, sealed, self._keep_for)
        return Part("answer_kept", QUERIES["keep_answer"], args, expect=1)


def forgotten(project: str) -> Part:
    """Takes away all that requests in a project were answered."""
    return Part("answers_forgotten", QUERIES["forget_answers"], (project,))
