"""The engine's table of contents."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.chassis.http import AnyRoute, Page, Role, Route
from libs.chassis.operations import Operations, operations_routes
from services.engine.api.answers import (
    Run,
    RunDetail,
    RunEvent,
    RunList,
    RunStep,
    RunStepList,
    Workflow,
    WorkflowList,
    WorkflowVersion,
    WorkflowVersionList,
)
from services.engine.api.dependents import ActionDependents, DependentHandlers
from services.engine.api.models import (
    CreateWorkflowBody,
    RunsPage,
    StartBoundBody,
    StartQuery,
    StartRunBody,
    StepQuery,
    StepsPage,
    UpdateWorkflowBody,
    WatchQuery,
    WorkflowsPage,
)
from services.engine.api.runs import RunHandlers
from services.engine.api.starting import StartHandlers
from services.engine.api.watching import WatchHandlers
from services.engine.api.workflows import WorkflowHandlers

WORKFLOWS = "/v1/projects/{project}/workflows"
RUNS = "/v1/projects/{project}/runs"
ACTIONS = "/v1/projects/{project}/actions"


@dataclass(frozen=True, slots=True)
class Handlers:
    """Everything that answers."""

    workflows: WorkflowHandlers
    starts: StartHandlers
    runs: RunHandlers
    watching: WatchHandlers
    dependents: DependentHandlers
    operations: Operations


def routes(handlers: Handlers) -> Sequence[AnyRoute]:
    """All routes of this service."""
    return (
        *_definitions(handlers.workflows),
        *_versions(handlers.workflows),
        *_starts(handlers.starts),
        *_lists(handlers.runs),
        *_of_one_run(handlers),
        *_steps(handlers.runs),
        *_dependents(handlers.dependents),
        *operations_routes("engine", handlers.operations),
    )


def _definitions(workflows: WorkflowHandlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="GET",
            path=WORKFLOWS,
            operation_id="listWorkflows",
            summary="List workflow definitions, newest first.",
            handler=workflows.list,
            role=Role.VIEWER,
            query=WorkflowsPage,
            responses={200: WorkflowList},
        ),
        Route(
            method="POST",
            path=WORKFLOWS,
            operation_id="createWorkflow",
            summary="Save a workflow definition as version 1.",
            handler=workflows.create,
            role=Role.AUTHOR,
            body=CreateWorkflowBody,
            responses={201: Workflow},
        ),
        Route(
            method="GET",
            path=f"{WORKFLOWS}/{{id}}",
            operation_id="getWorkflow",
            summary="Look at a workflow definition and its latest spec.",
            handler=workflows.get,
            role=Role.VIEWER,
            responses={200: Workflow},
        ),
        Route(
            method="PATCH",
            path=f"{WORKFLOWS}/{{id}}",
            operation_id="updateWorkflow",
            summary="Change a definition; a new spec becomes the next version.",
            handler=workflows.update,
            role=Role.AUTHOR,
            body=UpdateWorkflowBody,
            responses={200: Workflow},
        ),
    )


def _versions(workflows: WorkflowHandlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="GET",
            path=f"{WORKFLOWS}/{{id}}/versions",
            operation_id="listWorkflowVersions",
            summary="List the versions of a definition, newest first.",
            handler=workflows.versions,
            role=Role.VIEWER,
            responses={200: WorkflowVersionList},
        ),
        Route(
            method="GET",
            path=f"{WORKFLOWS}/{{id}}/versions/{{version}}",
            operation_id="getWorkflowVersion",
            summary="Look at one version of a definition and its spec.",
            handler=workflows.version,
            role=Role.VIEWER,
            responses={200: WorkflowVersion},
        ),
    )


def _starts(starts: StartHandlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="POST",
            path=RUNS,
            operation_id="startRun",
            summary="Start a run of a saved workflow or of an inline spec.",
            handler=starts.start,
            role=Role.AUTHOR,
            body=StartRunBody,
            query=StartQuery,
            responses={202: Run},
            waits=True,
        ),
        Route(
            method="POST",
            path=f"{WORKFLOWS}/{{id}}/runs",
            operation_id="startWorkflowRun",
            summary="Start a run of this workflow's latest version.",
            handler=starts.start_bound,
            role=Role.AUTHOR,
            body=StartBoundBody,
            query=StartQuery,
            waits=True,
            responses={202: Run},
        ),
    )


def _lists(runs: RunHandlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="GET",
            path=RUNS,
            operation_id="listRuns",
            summary="List runs, newest first.",
            handler=runs.list,
            role=Role.VIEWER,
            query=RunsPage,
            responses={200: RunList},
        ),
        Route(
            method="GET",
            path=f"{WORKFLOWS}/{{id}}/runs",
            operation_id="listWorkflowRuns",
            summary="List the runs of one workflow, newest first.",
            handler=runs.list_of_workflow,
            role=Role.VIEWER,
            query=Page,
            responses={200: RunList},
        ),
    )


def _of_one_run(handlers: Handlers) -> Sequence[AnyRoute]:
    runs = handlers.runs
    return (
        Route(
            method="GET",
            path=f"{RUNS}/{{id}}",
            operation_id="getRun",
            summary="Look at a run, its paths and its first steps.",
            handler=runs.get,
            role=Role.VIEWER,
            responses={200: RunDetail},
        ),
        Route(
            method="POST",
            path=f"{RUNS}/{{id}}/cancellations",
            operation_id="cancelRun",
            summary="End a run now.",
            handler=runs.cancel,
            role=Role.AUTHOR,
            in_archive=True,
            responses={204: None},
        ),
        Route(
            method="GET",
            path=f"{RUNS}/{{id}}/events",
            operation_id="streamRunEvents",
            summary="Watch a run as server-sent events.",
            handler=handlers.watching.watch,
            role=Role.VIEWER,
            query=WatchQuery,
            responses={200: RunEvent},
            streams=True,
            waits=True,
        ),
    )


def _steps(runs: RunHandlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="GET",
            path=f"{RUNS}/{{id}}/steps",
            operation_id="listRunSteps",
            summary="List the steps of a run in the order in which they were scheduled.",
            handler=runs.steps,
            role=Role.VIEWER,
            query=StepsPage,
            responses={200: RunStepList},
        ),
        Route(
            method="GET",
            path=f"{RUNS}/{{id}}/steps/{{step_id}}",
            operation_id="getRunStep",
            summary="Look at one step of a run.",
            handler=runs.step,
            role=Role.VIEWER,
            query=StepQuery,
            responses={200: RunStep},
        ),
    )


def _dependents(dependents: DependentHandlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="GET",
            path=f"{ACTIONS}/{{action_name}}/dependents",
            operation_id="getActionDependents",
            summary="Look at who uses an action: workflows, and runs in flight.",
            handler=dependents.get,
            role=Role.VIEWER,
            responses={200: ActionDependents},
        ),
    )
