"""The example that pages are looked at with: a desk where documents are summarised, filed and reviewed.

Some runs went well, some failed, one waits for its reviewer, and one was cancelled; beside it stands a project in which
nothing has happened yet.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from aiohttp import web
from playwright.async_api import BrowserContext

from demo.documents import DOCUMENTS_FOLDER, Document, load_documents
from demo.summarize_action import UnknownDocument, registration, summarize_document
from libs.contracts.codec import Json, JsonObject, dump_json
from tests.e2e.calls import Caller
from tests.e2e.endpoint import Endpoints
from tests.e2e.installation import Installation
from tests.e2e.reading_pages import until
from tests.e2e.tenants import key_of
from tests.e2e.visitor import HOME, Visitor, visiting

NAME = "Document desk"
UNKNOWN = "minutes-of-a-meeting-nobody-held"
ENDS: Mapping[str, str] = {
    "completed": "run.completed",
    **dict.fromkeys(("failed", "contract", "shredded", "cancelled"), "run.failed"),
}
"""The last event of runs that end."""

_DOC_ID: JsonObject = {"type": "string", "minLength": 1, "maxLength": 200, "description": "The document's id."}
FILE: JsonObject = {
    "name": "file-document",
    "title": "File a document",
    "description": "Puts the summary where the desk finds it again.",
    "input_schema": {
        "type": "object",
        "required": ["doc_id", "folder"],
        "additionalProperties": False,
        "properties": {
            "doc_id": _DOC_ID,
            "folder": {"enum": ["reports", "recipes", "minutes"], "description": "Where it belongs."},
            "keep_years": {"type": "integer", "minimum": 1, "maximum": 30, "default": 10},
            "labels": {"type": "array", "items": {"type": "string"}, "description": "To find it by."},
        },
    },
    "output_schema": {"type": "object", "required": ["position"], "properties": {"position": {"type": "integer"}}},
    "annotations": {"idempotent": True, "destructive": False, "read_only": False},
}
REVIEW: JsonObject = {
    "name": "review-document",
    "title": "Have a document reviewed",
    "description": "Takes as long as its reviewer does.",
    "annotations": {"idempotent": True, "destructive": False, "read_only": False},
}
SHRED: JsonObject = {
    "name": "shred-document",
    "title": "Shred a document",
    "description": "There is no way back.",
    "input_schema": {"type": "object", "required": ["doc_id"], "properties": {"doc_id": _DOC_ID}},
    "annotations": {"idempotent": False, "destructive": True, "read_only": False},
}

_INPUTS: list[Json] = [{"name": "doc_id", "type": "string", "description": "The document to summarize."}]
_FOLDER: JsonObject = {"name": "folder", "type": "string", "default": "reports", "description": "Where to file it."}
_SUMMARIZE: JsonObject = {
    "name": "summarize",
    "action": "summarize-document",
    "parameters": {"doc_id": "${inputs.doc_id}"},
    "store": "summary",
}
_NOTIFY: JsonObject = {
    "name": "notify",
    "action": "slack.post-message",
    "action_kind": "server",
    "parameters": {"channel": "#ops", "text": "${inputs.doc_id}: ${state.summary.title}"},
}
_FILE: JsonObject = {
    "name": "file",
    "action": "file-document",
    "parameters": {"doc_id": "${inputs.doc_id}", "folder": "${inputs.folder}"},
}
FIRST: JsonObject = {"name": "document-processing", "inputs": _INPUTS, "steps": [_SUMMARIZE, _NOTIFY]}
PROCESSING: JsonObject = {
    "name": "document-processing",
    "inputs": [
        *_INPUTS,
        {"name": "folder", "type": "string", "default": "reports", "description": "Where to file it."},
    ],
    "outputs": [{"name": "summary", "variable": "summary", "description": "What the document says."}],
    "steps": [
        {
            **_SUMMARIZE,
            "next": [
                {"step": "notify", "condition": "state.summary.words_in > 20"},
                {"step": "file", "branch": "filing"},
            ],
        },
        _NOTIFY,
        _FILE,
    ],
}
REVIEWING: JsonObject = {
    "name": "document-review",
    "inputs": _INPUTS,
    "steps": [
        _SUMMARIZE,
        {"name": "review", "action": "review-document", "parameters": {"summary": "${state.summary.summary}"}},
        _NOTIFY,
    ],
}


@dataclass(frozen=True)
class Showroom:
    """`token` is an administrator's key. The handles of the two projects, and runs by how they ended."""

    token: str
    project: str
    empty: str
    runs: Mapping[str, str]
    cookies: Mapping[str, str]
    """Of a browser that is signed in with the key."""

    async def let_in(self, context: BrowserContext, origin: str) -> None:
        """The browser is signed in."""
        await let_in(context, origin, self.cookies)


@dataclass
class Desk:
    """The endpoints behind the actions. A review takes until `reviewed` is set."""

    documents: Mapping[str, Document]
    reviewed: asyncio.Event
    filed: int = 0

    def summarize(self, parameters: JsonObject) -> Json:
        try:
            return summarize_document(self.documents, str(parameters["doc_id"]))
        except UnknownDocument as error:
            raise web.HTTPNotFound(text=str(error)) from None

    def file(self, parameters: JsonObject) -> Json:
        self.filed += 1
        return {"position": "on the floor" if parameters["folder"] == "recipes" else self.filed}

    async def review(self, _parameters: JsonObject) -> Json:
        await self.reviewed.wait()
        return {"verdict": "fine"}

    def shred(self, _parameters: JsonObject) -> Json:
        raise web.HTTPInternalServerError(text="the shredder is jammed")


async def let_in(context: BrowserContext, origin: str, cookies: Mapping[str, str]) -> None:
    """The browser has these cookies."""
    await context.add_cookies([{"name": name, "value": value, "url": origin} for name, value in cookies.items()])


@asynccontextmanager
async def laid(installation: Installation) -> AsyncIterator[Showroom]:
    """Everything in its place, and shown on the pages."""
    caller = installation.caller
    project, empty = [
        str((await caller.create("/v1/projects", {"name": name})).json["handle"]) for name in (NAME, "Reading room")
    ]
    desk = Desk(load_documents(DOCUMENTS_FOLDER), asyncio.Event())
    token = str((await key_of(caller, "admin", None))["key"])
    ours = installation.caller_of(project, token)
    try:
        await _register(ours, installation.endpoints, desk)
        runs = await _run(ours, sorted(desk.documents)[:9])
        async with visiting(installation.stack.api_url) as visitor:
            await visitor.sign_in(token)
            await _settled(visitor, ours, f"{HOME}/projects/{project}", runs)
            yield Showroom(token, project, empty, runs, visitor.cookies)
    finally:
        desk.reviewed.set()


async def _register(ours: Caller, endpoints: Endpoints, desk: Desk) -> None:
    summarize = registration("")
    for fields, work in ((summarize, desk.summarize), (FILE, desk.file), (REVIEW, desk.review), (SHRED, desk.shred)):
        more = {name: value for name, value in fields.items() if name not in ("name", "endpoint_url")}
        await endpoints.register(ours, str(fields["name"]), work, **more)


async def _run(ours: Caller, documents: Sequence[str]) -> dict[str, str]:
    """The ids of runs, by what they are examples of."""
    tags: JsonObject = {"team": "desk"}
    processing: JsonObject = {"name": "Document processing", "handle": "document-processing", "tags": tags}
    told = "Summarizes one document, tells the operations channel and files it."
    workflow = (await ours.create("workflows", {**processing, "description": told, "spec": FIRST})).text("id")
    changed = await ours.call("PATCH", f"workflows/{workflow}", dump_json({"spec": PROCESSING}))
    assert changed.status == 200, changed.raw
    review = await ours.create("workflows", {"name": "Document review", "handle": "document-review", "spec": REVIEWING})
    start = partial(_start, ours, workflow)
    for number, document in enumerate(documents):
        await start(document, external_id=f"inbox-{2030 + number}")
    runs = {"completed": await start("recipe-lentil-soup", external_id="inbox-2100")}
    runs["failed"] = await start(UNKNOWN)
    runs["contract"] = await start("recipe-lentil-soup", folder="recipes")
    runs["shredded"] = (await ours.create("runs", {"mode": "inline", "spec": _once("shred-document")})).text("id")
    for name, document in (("cancelled", "policy-data-retention"), ("running", "museum-guide-clock-room")):
        runs[name] = await _start(ours, review.text("id"), document)
    return runs


async def _start(ours: Caller, workflow: str, document: str, *, folder: str = "", external_id: str = "") -> str:
    inputs: JsonObject = {"doc_id": document, **({"folder": folder} if folder else {})}
    body: JsonObject = {"inputs": inputs, **({"external_id": external_id} if external_id else {})}
    return (await ours.create(f"workflows/{workflow}/runs", body)).text("id")


def _once(action: str) -> JsonObject:
    step: JsonObject = {"name": "shred", "action": action, "parameters": {"doc_id": "draft-nobody-needs"}}
    return {"name": "tidy up", "steps": [step]}


async def _settled(visitor: Visitor, ours: Caller, pages: str, runs: Mapping[str, str]) -> None:
    """Returns when the pages show that all have ended that do, and that the others are being reviewed."""
    for name in ("cancelled", "running"):
        await until(visitor, f"{pages}/runs/{runs[name]}", "/actions/review-document")
        await until(visitor, f"{pages}/runs/{runs[name]}", "status running")
    assert (await ours.call("POST", f"runs/{runs['cancelled']}/cancellations")).status == 204
    for name, ended in ENDS.items():
        await until(visitor, f"{pages}/runs/{runs[name]}", ended)
