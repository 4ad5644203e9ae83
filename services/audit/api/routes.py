"""The audit's table of contents."""

from collections.abc import Sequence

from libs.chassis.http import AnyRoute, Role, Route
from libs.chassis.operations import Operations, operations_routes
from services.audit.api.action_log import ActionLog, LogPage, LogQuery


def routes(action_log: ActionLog, operations: Operations) -> Sequence[AnyRoute]:
    """All routes of this service."""
    return (
        Route(
            method="GET",
            path="/v1/projects/{project}/action-audit-log",
            operation_id="listActionAuditLog",
            summary="List invocations of actions, the latest first.",
            handler=action_log.list,
            role=Role.VIEWER,
            query=LogQuery,
            responses={200: LogPage},
        ),
        *operations_routes("audit", operations),
    )
