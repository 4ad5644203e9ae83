"""What the tests of the published SDK share: actions that workers do, specs, and a worker by hand."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from deepnoodle.mobius import Client
from deepnoodle.mobius._api.models import (
    JobClaim,
    JobClaimRequest,
    JobCompleteRequest,
    JobFenceRequest,
    Status,
    WorkflowSpec,
)

from libs.contracts.codec import Json, dump_json

COUNT, ECHO = "sdk-count", "sdk-echo"

COUNT_INPUT: Mapping[str, Json] = {
    "type": "object",
    "properties": {"text": {"type": "string"}},
    "required": ["text"],
    "additionalProperties": False,
}
COUNT_OUTPUT: Mapping[str, Json] = {
    "type": "object",
    "properties": {"words": {"type": "integer", "minimum": 0}},
    "required": ["words"],
}


def count_and_echo(name: str = "count-and-echo", description: str | None = None) -> WorkflowSpec:
    """Two worker steps; the second is given what the first one found."""
    return WorkflowSpec.model_validate(
        {
            "name": name,
            "description": description,
            "inputs": [{"name": "text", "type": "string"}],
            "steps": [
                {"name": "count", "action": COUNT, "parameters": {"text": "${inputs.text}"}, "store": "counted"},
                {"name": "echo", "action": ECHO, "parameters": {"words": "${state.counted.words}"}, "store": "echoed"},
            ],
            "outputs": [{"name": "answer", "variable": "echoed"}],
        }
    )


def only_count(name: str = "only-count") -> WorkflowSpec:
    """One worker step."""
    return WorkflowSpec.model_validate(
        {
            "name": name,
            "inputs": [{"name": "text", "type": "string"}],
            "steps": [{"name": "count", "action": COUNT, "parameters": {"text": "${inputs.text}"}}],
        }
    )


def only_echo(number: int) -> WorkflowSpec:
    """One worker step that is given a number."""
    step = {"name": "echo", "action": ECHO, "parameters": {"number": number}}
    return WorkflowSpec.model_validate({"name": "only-echo", "steps": [step]})


@dataclass
class HandWorker:
    """A worker that does by hand what `Worker` does by itself: each call is one of the client's."""

    sdk: Client
    instance_id: str
    token: str = field(default_factory=lambda: str(uuid4()))
    actions: tuple[str, ...] = (COUNT, ECHO)

    def announce(self) -> None:
        """One empty poll: from now on Mobius knows that a live worker lists these actions, and calls no endpoint."""
        assert self._claim(0) is None

    def claim(self) -> JobClaim:
        """The next job, waited for."""
        job = self._claim(20)
        assert job is not None, "expected a job within 20 s, but there was none"
        return job

    def _claim(self, wait_seconds: int) -> JobClaim | None:
        return self.sdk.claim_job(
            JobClaimRequest(
                worker_instance_id=self.instance_id,
                worker_session_token=self.token,
                concurrency_limit=1,
                actions=list(self.actions),
                wait_seconds=wait_seconds,
            )
        )

    def fence(self, job: JobClaim) -> JobFenceRequest:
        return JobFenceRequest(
            worker_instance_id=self.instance_id, worker_session_token=self.token, attempt=job.attempt
        )

    def complete(self, job: JobClaim, result: Json, attempt: int | None = None) -> None:
        self.sdk.complete_job(
            job.job_id,
            JobCompleteRequest(
                worker_instance_id=self.instance_id,
                worker_session_token=self.token,
                attempt=attempt or job.attempt,
                status=Status.completed,
                result_b64=b64encode(dump_json(result)).decode(),
            ),
        )

    def finish(self, run_id: str) -> None:
        """Claims jobs and completes them until the run's first job is done, whoever else left some behind."""
        job = self.claim()
        while job.run_id != run_id:
            self.complete(job, {"words": 0})
            job = self.claim()
        self.complete(job, {"words": 0})
