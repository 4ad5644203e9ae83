"""How each page is reached in a world of texts, and the parameters that addresses may have."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.audit.dashboard.pages import COMMANDS
from tests.browser.hostile.world import ANSWERING, LEFT, REFUSING, TOUCHED, World

PROJECT: Final = "/projects/{project}"
VISITS: Final[Mapping[str, Sequence[str]]] = {
    "": ("",),
    PROJECT: (PROJECT,),
    f"{PROJECT}/actions": (f"{PROJECT}/actions", f"{PROJECT}/actions?after=h-30"),
    f"{PROJECT}/actions/{{name}}": tuple(
        f"{PROJECT}/actions/{name}" for name in (TOUCHED, "h-07", ANSWERING, REFUSING, LEFT)
    ),
    f"{PROJECT}/actions/new": (f"{PROJECT}/actions/new",),
    f"{PROJECT}/actions/{{name}}/edit": (f"{PROJECT}/actions/{TOUCHED}/edit",),
    f"{PROJECT}/actions/{{name}}/rotate": (f"{PROJECT}/actions/{TOUCHED}/rotate",),
    f"{PROJECT}/actions/{{name}}/delete": (f"{PROJECT}/actions/{TOUCHED}/delete",),
    f"{PROJECT}/actions/{{name}}/try": (f"{PROJECT}/actions/{TOUCHED}/try", f"{PROJECT}/actions/{LEFT}/try"),
    f"{PROJECT}/invocations": (f"{PROJECT}/invocations",),
    f"{PROJECT}/workflows": (f"{PROJECT}/workflows", f"{PROJECT}/workflows?after=w-40"),
    f"{PROJECT}/workflows/new": (f"{PROJECT}/workflows/new",),
    f"{PROJECT}/workflows/{{handle}}": (f"{PROJECT}/workflows/whole", f"{PROJECT}/workflows/w-07"),
    f"{PROJECT}/workflows/{{handle}}/edit": (f"{PROJECT}/workflows/whole/edit",),
    f"{PROJECT}/workflows/{{handle}}/start": (
        f"{PROJECT}/workflows/whole/start",
        f"{PROJECT}/workflows/whole/start?from={{well}}",
    ),
    f"{PROJECT}/runs": (f"{PROJECT}/runs", f"{PROJECT}/runs?status=failed"),
    f"{PROJECT}/runs/{{run}}": (
        f"{PROJECT}/runs/{{well}}?order=first",
        f"{PROJECT}/runs/{{refused}}",
        f"{PROJECT}/runs/{{failed}}",
    ),
}
"""By the path of the page, the addresses to look at; the first has its form, if there is one."""

LOUD: Final = {f"{PROJECT}/actions/{{name}}", f"{PROJECT}/workflows/{{handle}}", f"{PROJECT}/runs/{{run}}"}
"""Pages that show most of the texts."""

FORMS: Final = {command.page.path for command in COMMANDS if command.path == command.page.path}
"""Pages with a form that takes texts."""

PARAMETERS: Final = (
    *("status", "workflow", "since", "until", "before", "after", "search", "source", "integration", "run", "action"),
    *("step", "attempts", "events", "order", "version", "steps", "saved", "started", "from", "show", "next", "unknown"),
)
"""Of addresses. Any page may be asked with any of them."""


def address(world: World, path: str) -> str:
    """Where it is in this world."""
    project = world.tenant.project
    return f"/dashboard{path.replace('{project}', project).format_map(world.runs)}"
