"""The body of a POST, written once: the bytes that come out of here are signed, sent and never made again."""

from dataclasses import dataclass

from libs.contracts.codec import JsonObject, dump_json, raw_json


@dataclass(frozen=True)
class Invocation:
    """What is told to an endpoint. `parameters` is an object, or its JSON bytes, which then go in as they are."""

    run_id: str
    step_key: str
    parameters: "JsonObject | bytes"
    project: str
    action: str
    job_id: str
    attempt: int
    delivery_id: str
    dry_run: bool = False


def encode_body(invocation: Invocation) -> bytes:
    """The JSON object that is POSTed. Raises `InvalidJson` for parameters that JSON cannot hold."""
    given = invocation.parameters
    return dump_json(
        {
            "run_id": invocation.run_id,
            "step_key": invocation.step_key,
            "parameters": raw_json(given) if isinstance(given, bytes) else given,
            "project": invocation.project,
            "action": invocation.action,
            "job_id": invocation.job_id,
            "attempt": invocation.attempt,
            "delivery_id": invocation.delivery_id,
            "dry_run": invocation.dry_run,
        }
    )
