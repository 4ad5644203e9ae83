"""A project with one thing of everything that pages show and change, and what can be seen of it by the API."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from libs.contracts.codec import Json, dump_json
from services.audit.dashboard.pages import COMMANDS, PAGES
from services.audit.dashboard.signing_in import SigningIn
from services.audit.dashboard.site import Site
from services.audit.dashboard.visit import Command
from tests.e2e.calls import Caller
from tests.e2e.installation import Installation
from tests.e2e.reading_pages import ReadingPages, reading
from tests.e2e.tenants import key_of, polling
from tests.e2e.visitor import HOME, Visitor

URL = "https://example.com/hook"

FORMS: Mapping[str, Mapping[str, str]] = {
    "/projects/{project}/actions/new": {"name": "made-by-form", "endpoint_url": URL},
    "/projects/{project}/actions/{name}/edit": {"title": "Another", "endpoint_url": URL, "tag": "{tag}"},
    "/projects/{project}/actions/{name}/rotate": {"grace_seconds": "60"},
    "/projects/{project}/actions/{name}/delete": {"confirm": "{name}"},
    "/projects/{project}/actions/{name}/try": {"parameters": "{}", "how": "dry"},
    "/projects/{project}/workflows/new": {
        "name": "Made by form",
        "spec": "name: made\nsteps:\n  - name: only\n    action: {name}\n",
    },
    "/projects/{project}/workflows/{handle}/edit": {"name": "Changed by form", "version": "1"},
    "/projects/{project}/workflows/{handle}/start": {"inputs": ""},
    "/projects/{project}/runs/{run}/cancel": {},
}
"""A form for each command that is carried out if it comes from somebody who may."""

DOOR = (f"{HOME}/sign-in", f"{HOME}/sign-out")
"""Forms that are no commands: everybody may send them."""


@dataclass(frozen=True)
class Ground:
    """`tag` is the ETag of the action. `worker` is signed in like the author and the viewer of `pages`."""

    pages: ReadingPages
    worker: Visitor
    places: Mapping[str, str]
    tag: str

    def at(self, path: str) -> str:
        """The address of a page or a command."""
        return f"{HOME}{path.format_map(self.places)}"

    def form(self, command: Command) -> dict[str, str]:
        """What `FORMS` has for it, about what is here."""
        known = {"{name}": self.places["name"], "{tag}": self.tag}
        return {field: _filled(text, known) for field, text in FORMS[command.path].items()}

    async def send(self, who: Visitor, command: Command, **headers: str) -> Any:
        """The form with the visitor's own token."""
        csrf = (await who.get(HOME)).csrf
        return await who.post(self.at(command.path), {"csrf": csrf, **self.form(command)}, headers)


def _filled(text: str, known: Mapping[str, str]) -> str:
    for mark, value in known.items():
        text = text.replace(mark, value)
    return text


@asynccontextmanager
async def lying(installation: Installation) -> AsyncIterator[Ground]:
    """Three visitors, an action, a workflow and a run that is under way."""
    async with reading(installation) as pages:
        made = await installation.endpoints.register(pages.caller, "changed")
        workflow = await pages.saved("Kept", pages.spec("held", name="kept"), handle="kept")
        run = await pages.held()
        worker = Visitor(pages.author.client, pages.author.origin)
        key = await key_of(installation.caller, "worker", pages.tenant.project)
        assert (await worker.sign_in(str(key["key"]))).status == 303
        places = {"project": pages.tenant.project, "name": str(made["name"]), "handle": workflow, "run": run}
        tag = (await pages.caller.get("actions/changed")).headers["ETag"]
        waiting = asyncio.create_task(_listening(pages))
        try:
            yield Ground(pages, worker, places, tag)
        finally:
            waiting.cancel()
            await asyncio.wait([waiting])


async def _listening(pages: ReadingPages) -> None:
    """A worker that lists the action of the run and takes no job: as long as it is there, the run stays under way."""
    while True:
        await pages.caller.post("jobs/claim", polling(pages.action("held"), wait_seconds=2))
        await asyncio.sleep(0.1)


async def state_of(caller: Caller) -> Json:
    """Actions and workflows with the tags and versions of their states, secrets, and every run with its status."""
    actions = [str(one["name"]) for one in await _all(caller, "actions")]
    workflows = [str(one["id"]) for one in await _all(caller, "workflows")]
    runs = sorted([str(one["id"]), str(one["status"])] for one in await _all(caller, "runs"))
    return {
        "actions": {name: (await caller.get(f"actions/{name}")).headers["ETag"] for name in actions},
        "secrets": {name: (await caller.get(f"actions/{name}/secret")).json for name in actions},
        "workflows": {one: (await caller.get(f"workflows/{one}")).json for one in workflows},
        "runs": cast(Json, runs),
    }


async def _all(caller: Caller, what: str) -> Sequence[Mapping[str, Json]]:
    reply = await caller.get(f"{what}?limit=100")
    assert reply.status == 200, reply.raw
    assert not reply.json.get("has_more"), dump_json(reply.json)
    return reply.items


def form_paths() -> set[str]:
    """Every path of the dashboard that takes more than a look."""
    nothing: Any = None
    site = Site(nothing, nothing, nothing, nothing)
    routes = [*SigningIn(site).routes(), *site.routes(PAGES, COMMANDS)]
    return {route.path for route in routes if route.method != "GET"}
