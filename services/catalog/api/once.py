"""Answers a POST once: with the same `Idempotency-Key` the same request gets its first answer again.

The answer is made before the commit and kept in it, sealed, so there is no moment in which something was done and its
answer, perhaps with a secret that is shown once, cannot be had any more. A refusal has done nothing and is not kept:
the same request is decided anew.
"""

from collections.abc import Callable
from typing import Final, TypeVar, cast

from pydantic import BaseModel

from libs.chassis.decider import Rejected
from libs.chassis.http import Answer, Call, Json
from libs.chassis.http.answers import encode_json
from libs.chassis.http.idempotency import IN_USE, fingerprint, idempotency_key
from libs.contracts.codec import JsonObject, dump_json, parse_own_json
from services.catalog.store.commits import Commits, Proposal, Propose
from services.catalog.store.kept_answers import KeptAnswers, Request

Outcome = TypeVar("Outcome")
BodyT = TypeVar("BodyT", bound=BaseModel | None)
QueryT = TypeVar("QueryT", bound=BaseModel | None)

REPLAYED: Final = {"Idempotency-Replayed": "true"}


class Once:
    """Commits what a POST proposes and renders its answer."""

    def __init__(self, commits: Commits, kept: KeptAnswers) -> None:
        self._commits = commits
        self._kept = kept
        self._at_work: set[Request] = set()

    async def settle(
        self, call: Call[BodyT, QueryT], propose: Propose[Outcome], render: Callable[[Outcome], Json]
    ) -> Answer:
        """The answer to this call, or the first one to its key. Raises `Unavailable`."""
        key = idempotency_key(call.headers)
        if isinstance(key, Rejected):
            return key
        if key is None:
            outcome = await self._commits.settle(propose)
            return outcome if isinstance(outcome, Rejected) else render(outcome)
        request = Request(call.project, call.principal.key_id, key, fingerprint(call))
        if request in self._at_work:
            return IN_USE
        self._at_work.add(request)
        try:
            return await self._commits.settle(lambda: self._proposed(request, propose, render))
        finally:
            self._at_work.discard(request)

    async def _proposed(
        self, request: Request, propose: Propose[Outcome], render: Callable[[Outcome], Json]
    ) -> Proposal[Json] | Rejected:
        """Looks for the first answer each time: whoever was overtaken finds the other's."""
        first = await self._kept.find(request)
        if isinstance(first, Rejected):
            return first
        if first is not None:
            return Proposal([], [], _unpacked(first))
        proposal = await propose()
        if isinstance(proposal, Rejected):
            return await self._by_another(request) or proposal
        answer = render(proposal.outcome)
        if not proposal.entries:
            return Proposal([], [], answer)
        kept = self._kept.part(request, _packed(answer))
        return Proposal(proposal.entries, [*proposal.parts, kept], answer)

    async def _by_another(self, request: Request) -> Proposal[Json] | Rejected | None:
        """What a refusal may come of: the same request, that another process has done just now."""
        first = await self._kept.find(request)
        return Proposal([], [], _unpacked(first)) if isinstance(first, bytes) else first


def _packed(answer: Json) -> bytes:
    body = encode_json(answer.content).decode()
    return dump_json({"status": answer.status, "headers": dict(answer.headers or {}), "body": body})


def _unpacked(kept: bytes) -> Json:
    document = cast(JsonObject, parse_own_json(kept))
    headers = cast(dict[str, str], document["headers"])
    return Json(cast(int, document["status"]), cast(str, document["body"]).encode(), {**headers, **REPLAYED})
