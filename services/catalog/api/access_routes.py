"""The part of the table of contents that is about projects and keys."""

from collections.abc import Sequence

from libs.chassis.http import AnyRoute, Page, Role, Route
from services.catalog.api.api_keys import ApiKeyHandlers
from services.catalog.api.key_models import (
    ApiKeyListResponse,
    ApiKeyResponse,
    ApiKeysPage,
    CreateApiKeyRequest,
    CreatedApiKeyResponse,
)
from services.catalog.api.project_config import ConfigHandlers
from services.catalog.api.project_members import MemberHandlers
from services.catalog.api.project_models import (
    AddProjectMemberRequest,
    ConfigEntries,
    CreateProjectRequest,
    ProjectListResponse,
    ProjectMemberListResponse,
    ProjectMemberResponse,
    ProjectResponse,
    ProjectsPage,
    UpdateProjectRequest,
)
from services.catalog.api.projects import ProjectHandlers

PROJECTS = "/v1/projects"
ONE = f"{PROJECTS}/{{id}}"
CONFIG = f"{ONE}/config"
MEMBERS = f"{ONE}/members"
KEYS = "/v1/api-keys"


def project_routes(projects: ProjectHandlers, config: ConfigHandlers, members: MemberHandlers) -> Sequence[AnyRoute]:
    """Projects, and what is set for one and who may use it. `{id}` is an id or a handle."""
    return (*_of_projects(projects), *_of_lives(projects), *_of_config(config), *_of_members(members))


def _of_projects(projects: ProjectHandlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="GET",
            path=PROJECTS,
            operation_id="listProjects",
            summary="List the projects that the key can see, newest first.",
            handler=projects.list,
            role=Role.VIEWER,
            query=ProjectsPage,
            response_headers=("X-Next-Cursor",),
            responses={200: ProjectListResponse},
        ),
        Route(
            method="POST",
            path=PROJECTS,
            operation_id="createProject",
            summary="Make a project; with a key of the whole installation.",
            handler=projects.create,
            role=Role.ADMIN,
            body=CreateProjectRequest,
            request_headers=("Idempotency-Key",),
            response_headers=("Idempotency-Replayed",),
            responses={201: ProjectResponse},
        ),
        Route(
            method="GET",
            path=ONE,
            operation_id="getProject",
            summary="Look at a project, by its id or its handle.",
            handler=projects.get,
            role=Role.VIEWER,
            responses={200: ProjectResponse},
        ),
        Route(
            method="PATCH",
            path=ONE,
            operation_id="updateProject",
            summary="Change how a project is called and to whom it is open.",
            handler=projects.update,
            role=Role.ADMIN,
            body=UpdateProjectRequest,
            responses={200: ProjectResponse},
        ),
    )


def _of_lives(projects: ProjectHandlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="DELETE",
            path=ONE,
            operation_id="deleteProject",
            summary="End an archived project for good; with a key of the whole installation.",
            handler=projects.delete,
            role=Role.ADMIN,
            responses={204: None},
        ),
        Route(
            method="POST",
            path=f"{ONE}/archive",
            operation_id="archiveProject",
            summary="Let a project take nothing new; what is under way goes on.",
            handler=projects.archive,
            role=Role.ADMIN,
            responses={200: ProjectResponse},
        ),
        Route(
            method="POST",
            path=f"{ONE}/restore",
            operation_id="restoreProject",
            summary="Let an archived project take new work again.",
            handler=projects.restore,
            role=Role.ADMIN,
            responses={200: ProjectResponse},
        ),
    )


def _of_config(config: ConfigHandlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="GET",
            path=CONFIG,
            operation_id="getProjectConfig",
            summary="Look at what is set for a project.",
            handler=config.get,
            role=Role.VIEWER,
            responses={200: ConfigEntries},
        ),
        Route(
            method="PUT",
            path=CONFIG,
            operation_id="updateProjectConfig",
            summary="Replace all that is set for a project.",
            handler=config.put,
            role=Role.ADMIN,
            body=ConfigEntries,
            responses={200: ConfigEntries},
        ),
        Route(
            method="DELETE",
            path=CONFIG,
            operation_id="deleteProjectConfig",
            summary="Take away all that is set for a project.",
            handler=config.delete,
            role=Role.ADMIN,
            responses={204: None},
        ),
    )


def _of_members(members: MemberHandlers) -> Sequence[AnyRoute]:
    return (
        Route(
            method="GET",
            path=MEMBERS,
            operation_id="listProjectMembers",
            summary="List the keys that may use a project while it is restricted.",
            handler=members.list,
            role=Role.ADMIN,
            query=Page,
            responses={200: ProjectMemberListResponse},
        ),
        Route(
            method="POST",
            path=MEMBERS,
            operation_id="addProjectMember",
            summary="Let a key of the whole installation use a restricted project.",
            handler=members.add,
            role=Role.ADMIN,
            body=AddProjectMemberRequest,
            responses={201: ProjectMemberResponse, 200: ProjectMemberResponse},
        ),
        Route(
            method="DELETE",
            path=f"{MEMBERS}/{{user_id}}",
            operation_id="removeProjectMember",
            summary="Take a member away that was added.",
            handler=members.remove,
            role=Role.ADMIN,
            responses={204: None},
        ),
    )


def key_routes(keys: ApiKeyHandlers) -> Sequence[AnyRoute]:
    """API keys."""
    return (
        Route(
            method="POST",
            path=KEYS,
            operation_id="createApiKey",
            summary="Issue an API key; a project's administrator only for that project.",
            handler=keys.create,
            role=Role.ADMIN,
            body=CreateApiKeyRequest,
            request_headers=("Idempotency-Key",),
            response_headers=("Idempotency-Replayed",),
            responses={201: CreatedApiKeyResponse},
        ),
        Route(
            method="GET",
            path=KEYS,
            operation_id="listApiKeys",
            summary="List API keys, newest first.",
            handler=keys.list,
            role=Role.ADMIN,
            query=ApiKeysPage,
            responses={200: ApiKeyListResponse},
        ),
        Route(
            method="GET",
            path=f"{KEYS}/{{id}}",
            operation_id="getApiKey",
            summary="Look at an API key; the key itself is never shown again.",
            handler=keys.get,
            role=Role.ADMIN,
            responses={200: ApiKeyResponse},
        ),
        Route(
            method="DELETE",
            path=f"{KEYS}/{{id}}",
            operation_id="revokeApiKey",
            summary="Revoke an API key, everywhere within seconds.",
            handler=keys.revoke,
            role=Role.ADMIN,
            responses={204: None},
        ),
    )
