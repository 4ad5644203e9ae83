"""The routes that every service has: is it alive, is it ready, what does it count."""

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry

from libs.chassis.http.answers import Answer, Content, Json
from libs.chassis.http.call import Call
from libs.chassis.http.principal import Role
from libs.chassis.http.route import AnyRoute, Route
from libs.chassis.telemetry.metrics import CONTENT_TYPE_LATEST, render


def health_routes(
    reasons: Callable[[], Sequence[str]], registry: CollectorRegistry, *, metrics_public: bool
) -> Sequence[AnyRoute]:
    """`reasons` says why the service is not ready; none: it is. /metrics wants any valid key unless it is public."""

    async def healthz(_call: Call[None, None]) -> Answer:
        return Json(200, {"status": "ok"})

    async def readyz(_call: Call[None, None]) -> Answer:
        missing = list(reasons())
        return Json(503, {"status": "unready", "reasons": missing}) if missing else Json(200, {"status": "ready"})

    async def metrics(_call: Call[None, None]) -> Answer:
        return Content(200, render(registry), CONTENT_TYPE_LATEST)

    return (
        _get("/healthz", "getHealth", "Whether the process lives.", healthz, None),
        _get("/readyz", "getReadiness", "Whether the service can do its work; if not, why.", readyz, None),
        _get("/metrics", "getMetrics", "Counters for Prometheus.", metrics, None if metrics_public else Role.VIEWER),
    )


def _get(path: str, operation_id: str, summary: str, handler: object, role: Role | None) -> AnyRoute:
    return Route(
        method="GET",
        path=path,
        operation_id=operation_id,
        summary=summary,
        handler=handler,  # type: ignore[arg-type]
        role=role,
        always=True,
    )
