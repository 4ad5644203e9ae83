"""The table: for each operation of the API a request that is right. A new operation needs a row here, and that is all.

`{action}`, `{workflow}`, `{run}`, `{step}`, `{job}` and so on are things of a project (`ground.py` makes them);
`{new}` is a name that nothing has yet, `{home}` the project itself where it is what an operation is about, `{spare}`
one that nobody uses. An id of a body or a query stands as such a place wherever there can be one, so that the matrix
tries foreign ids there.
"""

from collections.abc import Mapping
from typing import Final

from libs.contracts.codec import Json
from libs.contracts.topics import SERVICES
from tests.e2e.operations.ground import CREDENTIALS, TOKEN, Ground, spec_of
from tests.e2e.operations.row import Places, Row

ENDPOINT: Final = "http://127.0.0.1:9/operation"
_FENCE: Final[Mapping[str, Json]] = {"worker_session_token": TOKEN, "attempt": 1}
_ENDED: Final[Mapping[str, Json]] = {"status": "completed", "result_b64": "bnVsbA=="}
_CLAIM: Final[Mapping[str, Json]] = {
    "worker_instance_id": "{new}",
    "worker_session_token": "{new}",
    "concurrency_limit": 1,
    "actions": ["{held}"],
}
_ACTION: Final = {"action_name": "{action}"}
_WORKFLOW: Final = {"id": "{workflow}"}
_RUN: Final = {"id": "{run}"}
_JOB: Final = {"id": "{job}"}
_SLACK: Final = {"slug": "slack"}
_HOME: Final = {"id": "{home}"}
_SPARE: Final = {"id": "{spare}"}


async def _spare_action(ground: Ground) -> Places:
    return await ground.spare_action()


async def _held_job(ground: Ground) -> Places:
    return await ground.held_job()


async def _active_run(ground: Ground) -> Places:
    return await ground.active_run()


async def _spare_project(ground: Ground) -> Places:
    return await ground.spare_project()


async def _archived_project(ground: Ground) -> Places:
    return await ground.spare_project(archived=True)


async def _spare_member(ground: Ground) -> Places:
    return await ground.spare_member()


async def _spare_key(ground: Ground) -> Places:
    return {"key": await ground.key()}


PROJECTS: Final[Mapping[str, Row]] = {
    "listProjects": Row(query="limit=1", bound=200),
    "createProject": Row(201, body={"name": "{new}"}),
    "getProject": Row(path=_HOME, key="project", bound=404),
    "updateProject": Row(path=_SPARE, body={"name": "{new}"}, prepare=_spare_project, bound=404),
    "deleteProject": Row(204, path=_SPARE, prepare=_archived_project, bound=404, in_archive=True),
    "archiveProject": Row(path=_SPARE, prepare=_spare_project, bound=404, in_archive=True),
    "restoreProject": Row(path=_SPARE, prepare=_archived_project, bound=404, in_archive=True),
    "getProjectConfig": Row(path=_HOME, key="project", bound=404),
    "updateProjectConfig": Row(
        path=_SPARE,
        body=[{"category": "timeouts", "key": "liveness", "value": "90s"}],
        prepare=_spare_project,
        bound=404,
    ),
    "deleteProjectConfig": Row(204, path=_SPARE, prepare=_spare_project, bound=404),
    "listProjectMembers": Row(path=_HOME, key="project", bound=404),
    "addProjectMember": Row(path=_HOME, body={"user_id": "{key}"}, foreign_body=400, key="project", bound=404),
    "removeProjectMember": Row(204, path={**_SPARE, "user_id": "{member}"}, prepare=_spare_member, bound=404),
}
KEYS: Final[Mapping[str, Row]] = {
    "createApiKey": Row(
        201, body={"name": "{new}", "role": "viewer", "project": "{home}"}, key="project", bound=404, in_archive=True
    ),
    "listApiKeys": Row(query="project={home}&limit=1", key="project", bound=404),
    "getApiKey": Row(path={"id": "{key}"}, key="project", bound=404),
    "revokeApiKey": Row(204, path={"id": "{key}"}, prepare=_spare_key, key="project", bound=404, in_archive=True),
}


async def _connected_with_github(ground: Ground) -> Places:
    await ground.connect("github")
    return {}


INTEGRATIONS: Final[Mapping[str, Row]] = {
    "listIntegrations": Row(),
    "getIntegration": Row(path=_SLACK),
    "connectIntegration": Row(path=_SLACK, body={"credentials": CREDENTIALS["slack"]}),
    "disconnectIntegration": Row(204, path={"slug": "github"}, prepare=_connected_with_github, in_archive=True),
    "testIntegration": Row(path=_SLACK),
}
CATALOG: Final[Mapping[str, Row]] = {
    "createAction": Row(201, body={"name": "{new}", "endpoint_url": ENDPOINT}),
    "listActions": Row(query="limit=1"),
    "getAction": Row(path=_ACTION),
    "updateAction": Row(path=_ACTION, body={"description": "{new}"}),
    "deleteAction": Row(204, path=_ACTION, prepare=_spare_action),
    "rotateActionSecret": Row(path=_ACTION, prepare=_spare_action),
    "getActionSecret": Row(path=_ACTION),
    "listCatalogActions": Row(),
    "getCatalogAction": Row(path=_ACTION),
}
ENGINE: Final[Mapping[str, Row]] = {
    "listWorkflows": Row(query="limit=1"),
    "createWorkflow": Row(201, body={"name": "{new}", "spec": spec_of("{served}")}),
    "getWorkflow": Row(path=_WORKFLOW),
    "updateWorkflow": Row(path=_WORKFLOW, body={"description": "{new}"}),
    "listWorkflowVersions": Row(path=_WORKFLOW),
    "getWorkflowVersion": Row(path={**_WORKFLOW, "version": "1"}),
    "startRun": Row(202, body={"mode": "saved", "definition_id": "{workflow}"}),
    "startWorkflowRun": Row(202, path=_WORKFLOW, body={"metadata": {"why": "{new}"}}),
    "listRuns": Row(query="limit=2"),
    "listWorkflowRuns": Row(path=_WORKFLOW, query="limit=1"),
    "getRun": Row(path=_RUN),
    "cancelRun": Row(204, path=_RUN, prepare=_active_run, in_archive=True),
    "streamRunEvents": Row(path=_RUN, query="since=0"),
    "getActionDependents": Row(path=_ACTION),
    "listRunSteps": Row(path=_RUN),
    "getRunStep": Row(path={**_RUN, "step_id": "{step}"}),
}
DISPATCHER: Final[Mapping[str, Row]] = {
    "claimJob": Row(body={**_CLAIM, "wait_seconds": 10}, prepare=_active_run),
    "heartbeatJob": Row(path=_JOB, body={**_FENCE}, prepare=_held_job, foreign=409),
    "completeJob": Row(204, path=_JOB, body={**_FENCE, **_ENDED}, prepare=_held_job, foreign=409),
    "emitJobEvents": Row(
        204,
        path=_JOB,
        body={**_FENCE, "events": [{"type": "told", "payload": {"n": 1}}]},
        prepare=_held_job,
        foreign=409,
    ),
    "heartbeatJobs": Row(
        body={"worker_session_token": TOKEN, "jobs": [{"job_id": "{job}", "attempt": 1}]},
        prepare=_held_job,
        foreign=200,
    ),
    "completeJobs": Row(
        body={"worker_session_token": TOKEN, "results": [{"job_id": "{job}", "attempt": 1, **_ENDED}]},
        prepare=_held_job,
        foreign=200,
    ),
    "getJob": Row(path=_JOB),
    "listRunJobs": Row(path=_RUN, foreign=200),
    "listWorkerSessions": Row(),
}
AUDIT: Final[Mapping[str, Row]] = {
    "listActionAuditLog": Row(query="run_id={run}", foreign=200),
}


def _operations(service: str) -> Mapping[str, Row]:
    """An operator's, the same for every service that hears something; a key of a project may not use them at all."""

    async def parked(ground: Ground) -> Places:
        return {f"parked_{service}": await ground.parked_stream(service)}

    name, stream = f"Of{service.capitalize()}", {"parked_stream": f"{{parked_{service}}}"}
    return {
        f"listParkedStreams{name}": Row(),
        f"getParkedStream{name}": Row(path=stream, foreign=403),
        f"resumeParkedStream{name}": Row(202, path=stream, body={}, prepare=parked, foreign=403),
        f"listDeadLetters{name}": Row(query="limit=1"),
    }


ROWS: Final[Mapping[str, Row]] = {
    **PROJECTS,
    **KEYS,
    **INTEGRATIONS,
    **CATALOG,
    **ENGINE,
    **DISPATCHER,
    **AUDIT,
    **{name: row for service in SERVICES if service != "catalog" for name, row in _operations(service).items()},
}
"""By operation id."""

NO_IDS: Final[Mapping[str, str]] = {
    "agent_id": "accepted and not used",
    "agent_session_id": "accepted and not used",
    "external_id": "the caller's own",
    "forked_from": "nothing is forked yet",
    "parent_run_id": "no run has a parent yet",
    "path_id": "a name within a run",
    "source_id": "a text to filter by",
    "worker_instance_id": "the caller's own",
}
"""Fields of bodies and queries that look like ids of something in a project, and why they are none."""
