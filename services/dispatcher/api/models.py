"""The shapes that workers send, as on the wire."""

from base64 import b64decode
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from libs.chassis.http import Body
from libs.contracts.codec import InvalidJson, Json, parse_json
from libs.contracts.payload import JsonValue
from services.dispatcher.domain.jobs import COURIER, INVOKER
from services.dispatcher.domain.reports import MOST_RESULT_BYTES, session_proof

Name = Annotated[str, Field(min_length=1, max_length=256)]
Token = Annotated[str, Field(min_length=1, max_length=512), AfterValidator(session_proof)]
"""A session token; what a body holds of it is its proof, so that the token itself goes no further."""
ErrorText = Annotated[str, Field(max_length=16_384)]
Attempt = Annotated[int, Field(ge=1, le=2**31 - 1)]
MOST_JOBS = 100
"""Jobs in one request."""


def _unreserved(name: str) -> str:
    if name.startswith("mobius."):
        raise ValueError("expected a type of your own, but names that start with mobius. are reserved")
    return name


def _not_ours(name: str) -> str:
    if name in (COURIER, INVOKER):
        raise ValueError(f"expected a name of your own, but {name} is the platform's")
    return name


class ClaimBody(Body):
    worker_instance_id: Annotated[Name, AfterValidator(_not_ours)]
    worker_session_token: Token
    concurrency_limit: int = Field(ge=1, le=100_000)
    agent_id: Name | None = None
    agent_session_id: Name | None = None
    worker_name: Name | None = None
    worker_version: Name | None = None
    queues: list[Name] = Field([], max_length=100)
    actions: list[Name] = Field([], max_length=1_000)
    wait_seconds: int = Field(0, ge=0, le=30)
    max_jobs: int | None = Field(None, ge=1, le=MOST_JOBS)


class FenceBody(Body):
    worker_instance_id: Name | None = None
    worker_session_token: Token
    attempt: Attempt


class Ending(Body):
    """How a job ended."""

    status: Literal["completed", "failed"]
    result_b64: str | None = None
    error_type: Name | None = None
    error_message: ErrorText | None = None


class CompleteBody(Ending, FenceBody):
    pass


class JobFence(Body):
    job_id: Name
    attempt: Attempt


class JobEnding(Ending, JobFence):
    pass


class HeartbeatsBody(Body):
    worker_instance_id: Name | None = None
    worker_session_token: Token
    jobs: list[JobFence] = Field(min_length=1, max_length=MOST_JOBS)


class EndingsBody(Body):
    worker_instance_id: Name | None = None
    worker_session_token: Token
    results: list[JobEnding] = Field(min_length=1, max_length=MOST_JOBS)


class ProgressEntry(Body):
    type: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_.-]+$"), AfterValidator(_unreserved)]
    payload: dict[str, JsonValue]


class ProgressBody(FenceBody):
    events: list[ProgressEntry] = Field(min_length=1, max_length=100)


class BadResult(ValueError):
    """`result_b64` is not base64 of JSON; the message is the sentence for the worker."""


def decode_result(result_b64: str | None) -> tuple[Json, int]:
    """The JSON that a worker reported and its length in bytes; nothing is null, and so is what is too long to be read.
    Raises `BadResult`."""
    if not result_b64:
        return None, 0
    try:
        raw = b64decode(result_b64, validate=True)
    except ValueError:  # of its own kind for wrong padding, plain for letters beyond ASCII
        raise BadResult("expected base64 (standard alphabet, padded), but it does not decode") from None
    try:
        return parse_json(raw) if len(raw) <= MOST_RESULT_BYTES else None, len(raw)
    except InvalidJson as error:
        raise BadResult(f"expected base64 of JSON, but {error}") from None
