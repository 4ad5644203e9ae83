"""The dispatcher's table of contents."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.chassis.http import AnyRoute, Role, Route
from libs.chassis.operations import Operations, operations_routes
from services.dispatcher.api.answers import (
    Claimed,
    JobAnswer,
    JobList,
    JobsKept,
    JobsReported,
    Kept,
    WorkerSessionList,
)
from services.dispatcher.api.batches import Batches
from services.dispatcher.api.claims import Claims
from services.dispatcher.api.integrations import Integrations, IntegrationTestResponse
from services.dispatcher.api.jobs import Jobs
from services.dispatcher.api.models import ClaimBody, CompleteBody, EndingsBody, FenceBody, HeartbeatsBody, ProgressBody
from services.dispatcher.api.reports import Progress, Reports

JOBS = "/v1/projects/{project}/jobs"


@dataclass(frozen=True, slots=True)
class Handlers:
    """Everything that answers."""

    claims: Claims
    reports: Reports
    batches: Batches
    progress: Progress
    jobs: Jobs
    integrations: Integrations
    operations: Operations


def routes(handlers: Handlers) -> Sequence[AnyRoute]:
    """All routes of this service."""
    operations = operations_routes("dispatcher", handlers.operations)
    jobs = (*_of_workers(handlers), *_of_busy_workers(handlers), *_to_look(handlers))
    return (*jobs, _to_try(handlers), *operations)


def _to_try(handlers: Handlers) -> AnyRoute:
    return Route(
        method="POST",
        path="/v1/projects/{project}/integrations/{slug}/test",
        operation_id="testIntegration",
        summary="Try the connection with an integration, as the project's steps would use it.",
        handler=handlers.integrations.test,
        role=Role.AUTHOR,
        responses={200: IntegrationTestResponse},
    )


def _of_workers(handlers: Handlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="POST",
            path=f"{JOBS}/claim",
            operation_id="claimJob",
            summary="Wait for a job and claim it.",
            handler=handlers.claims.claim,
            role=Role.WORKER,
            body=ClaimBody,
            responses={200: Claimed, 204: None},
            waits=True,
        ),
        Route(
            method="POST",
            path=f"{JOBS}/{{id}}/heartbeat",
            operation_id="heartbeatJob",
            summary="Keep the lease of a claimed job.",
            handler=handlers.reports.heartbeat,
            role=Role.WORKER,
            body=FenceBody,
            responses={200: Kept},
        ),
        Route(
            method="POST",
            path=f"{JOBS}/{{id}}/complete",
            operation_id="completeJob",
            summary="Report how a claimed job ended.",
            handler=handlers.reports.complete,
            role=Role.WORKER,
            body=CompleteBody,
            responses={204: None},
            max_body_bytes=2 * 1024 * 1024,
        ),
        Route(
            method="POST",
            path=f"{JOBS}/{{id}}/events",
            operation_id="emitJobEvents",
            summary="Tell watchers of the run how far a claimed job is.",
            handler=handlers.progress.emit,
            role=Role.WORKER,
            body=ProgressBody,
            responses={204: None},
            max_body_bytes=2 * 1024 * 1024,
        ),
    )


def _of_busy_workers(handlers: Handlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="POST",
            path=f"{JOBS}/heartbeat",
            operation_id="heartbeatJobs",
            summary="Keep the leases of several jobs; each has an outcome of its own.",
            handler=handlers.batches.heartbeat,
            role=Role.WORKER,
            body=HeartbeatsBody,
            responses={200: JobsKept},
        ),
        Route(
            method="POST",
            path=f"{JOBS}/complete",
            operation_id="completeJobs",
            summary="Report how several jobs ended; each has an outcome of its own.",
            handler=handlers.batches.complete,
            role=Role.WORKER,
            body=EndingsBody,
            responses={200: JobsReported},
            max_body_bytes=2 * 1024 * 1024,
        ),
    )


def _to_look(handlers: Handlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="GET",
            path=f"{JOBS}/{{id}}",
            operation_id="getJob",
            summary="Look at one job.",
            handler=handlers.jobs.get,
            role=Role.VIEWER,
            responses={200: JobAnswer},
        ),
        Route(
            method="GET",
            path="/v1/projects/{project}/runs/{id}/jobs",
            operation_id="listRunJobs",
            summary="List the jobs of a run.",
            handler=handlers.jobs.of_run,
            role=Role.VIEWER,
            responses={200: JobList},
        ),
        Route(
            method="GET",
            path="/v1/projects/{project}/worker-sessions",
            operation_id="listWorkerSessions",
            summary="List the workers that have polled lately.",
            handler=handlers.jobs.sessions,
            role=Role.VIEWER,
            responses={200: WorkerSessionList},
        ),
    )
