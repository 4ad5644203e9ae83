"""The shapes that workers send, as on the wire."""

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue

from libs.chassis.http import Body
from libs.contracts.codec import InvalidJson, Json, parse_json
from services.dispatcher.domain.jobs import COURIER, INVOKER

Name = Annotated[str, Field(min_length=1, max_length=256)]
Token = Annotated[str, Field(min_length=1, max_length=512)]
ErrorText = Annotated[str, Field(max_length=16_384)]


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


class FenceBody(Body):
    worker_instance_id: Name | None = None
    worker_session_token: Token
    attempt: int = Field(ge=1, le=2**31 - 1)


class CompleteBody(FenceBody):
    status: Literal["completed", "failed"]
    result_b64: str | None = None
    error_type: Name | None = None
    error_message: ErrorText | None = None


class ProgressEntry(Body):
    type: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_.-]+$"), AfterValidator(_unreserved)]
    payload: dict[str, JsonValue]


class ProgressBody(FenceBody):
    events: list[ProgressEntry] = Field(min_length=1, max_length=100)


class BadResult(ValueError):
    """`result_b64` is not base64 of JSON; the message is the sentence for the worker."""


def decode_result(result_b64: str | None) -> tuple[Json, int]:
    """The JSON that a worker reported and its length in bytes; nothing is null. Raises `BadResult`."""
    if not result_b64:
        return None, 0
    try:
        raw = b64decode(result_b64, validate=True)
        return parse_json(raw), len(raw)
    except NotBase64:
        raise BadResult("expected base64 (standard alphabet, padded), but it does not decode") from None
    except InvalidJson as error:
        raise BadResult(f"expected base64 of JSON, but {error}") from None
