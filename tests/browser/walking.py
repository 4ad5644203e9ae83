"""What a visitor does on the pages, in the words that stand on them."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from playwright.async_api import Locator, Page, expect

from demo.documents import DOCUMENTS_FOLDER, load_documents
from demo.summarize_action import INPUT_SCHEMA, OUTPUT_SCHEMA, UnknownDocument, summarize_document
from libs.contracts.codec import Json, JsonObject, indent_json
from tests.e2e.installation import Installation
from tests.e2e.tenants import Tenant, moved_in
from tests.e2e.visitor import HOME

ACTION = "summarize-document"
DOCUMENT = "recipe-lentil-soup"
MOST_TABS = 60
DEFINITION = """\
name: document-processing
inputs:
  - name: doc_id
    type: string
steps:
  - name: summarize
    action: summarize-document
    parameters:
      doc_id: "${inputs.doc_id}"
  - name: notify
    action: slack.post-message
    action_kind: server
    parameters:
      channel: "#ops"
      text: "Summary complete for ${inputs.doc_id}"
"""


@dataclass
class Walk:
    """A visitor with a key of a project of his own. His endpoint summarises, but not before `gate` is open."""

    page: Page
    tenant: Tenant
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def home(self) -> str:
        return f"{HOME}/projects/{self.tenant.project}"

    @property
    def _place(self) -> str:
        return f"{ACTION}-of-{self.tenant.project}"

    @property
    def endpoint_url(self) -> str:
        return f"{self.tenant.installation.endpoints.url}/{self._place}"

    async def summarize(self, parameters: JsonObject) -> Json:
        await self.gate.wait()
        try:
            return summarize_document(load_documents(DOCUMENTS_FOLDER), str(parameters["doc_id"]))
        except UnknownDocument as error:
            raise web.HTTPNotFound(text=str(error)) from None

    def trust(self, secret: str) -> None:
        """The endpoint is given the secret that the page has shown."""
        self.tenant.installation.endpoints.answer(self._place, secret, self.summarize)

    async def sign_in(self) -> None:
        await self.page.get_by_label("API key").fill(self.tenant.token)
        await self.page.get_by_role("button", name="Sign in").click()

    async def go(self, section: str) -> None:
        """By the navigation at the top."""
        await self.page.get_by_role("navigation", name="Project").get_by_role("link", name=section).click()
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(section)

    async def register(self) -> str:
        """Fills in the form that is open; answers with the secret that is shown then."""
        await fill(self.page, {"Name": ACTION, "Endpoint URL": self.endpoint_url})
        await fill(self.page, {"Title": "Summarize a document"})
        await self.page.get_by_label("idempotent").check()
        await self.page.get_by_label("read_only").check()
        schemas = {"Input schema": indent_json(INPUT_SCHEMA), "Output schema": indent_json(OUTPUT_SCHEMA)}
        await fill(self.page, schemas)
        await self.page.get_by_role("button", name="Register").click()
        await expect(self.page.get_by_role("status")).to_contain_text("Copy the signing secret now")
        return await self.page.get_by_label("Signing secret").inner_text()

    async def save_workflow(self) -> None:
        """Fills in the form that is open."""
        await fill(self.page, {"Name": "Document processing", "Definition": DEFINITION})
        await self.page.get_by_role("button", name="Create the workflow").click()
        await expect(self.page.get_by_role("heading", level=1)).to_have_text("Document processing")

    async def start_run(self, document: str = DOCUMENT) -> str:
        """From the workflow's page; answers with the run's id."""
        await self.page.get_by_role("link", name="Start a run").click()
        await fill(self.page, {"doc_id": document})
        await self.page.get_by_role("button", name="Start the run").click()
        return await self.run_id()

    async def run_id(self) -> str:
        """Of the run whose page is open."""
        await self.page.wait_for_url("**/runs/run_*")
        return await self.page.get_by_role("heading", level=1).locator("code").inner_text()

    async def prepared(self) -> str:
        """Action and workflow made without pages; answers with the workflow's id. The visitor is signed in."""
        caller = self.tenant.caller
        fields: JsonObject = {"name": ACTION, "endpoint_url": self.endpoint_url, "input_schema": INPUT_SCHEMA}
        self.trust((await caller.create("actions", fields)).text("signing_secret"))
        step: JsonObject = {"name": "summarize", "action": ACTION, "parameters": {"doc_id": "${inputs.doc_id}"}}
        inputs: Json = [{"name": "doc_id", "type": "string"}]
        spec: JsonObject = {"name": "document-processing", "inputs": inputs, "steps": [step]}
        workflow = await caller.create("workflows", {"name": "document-processing", "spec": spec})
        await self.page.goto(HOME)
        await self.sign_in()
        return workflow.text("id")

    async def started(self, workflow: str) -> str:
        """A run started without pages, whose page is open then and shows its first step at work."""
        run = await self.tenant.caller.create(f"workflows/{workflow}/runs", {"inputs": {"doc_id": DOCUMENT}})
        await self.page.goto(f"{self.home}/runs/{run.text('id')}?started=1")
        await expect(attempt(self.page, "summarize")).to_contain_text("running")
        return run.text("id")

    async def ended(self, workflow: str) -> str:
        """The same, when the run is over."""
        run = await self.tenant.caller.create(f"workflows/{workflow}/runs", {"inputs": {"doc_id": DOCUMENT}})
        await self.page.goto(f"{self.home}/runs/{run.text('id')}?started=1")
        await expect(self.page.locator("#facts .status")).to_have_text("completed")
        return run.text("id")

    async def press(self, place: Locator) -> None:
        """Goes there by the tabulator and presses Enter."""
        await self._tab_to(place)
        await self.page.keyboard.press("Enter")

    async def type(self, label: str, text: str) -> None:
        """Goes to the field by the tabulator and types."""
        await self._tab_to(labelled(self.page, label))
        await self.page.keyboard.insert_text(text)

    async def _tab_to(self, place: Locator) -> None:
        await place.wait_for()
        for _ in range(MOST_TABS):
            if await place.evaluate("place => place === document.activeElement"):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"expected to come to {place} by at most {MOST_TABS} tabs, but it was not reached")


@asynccontextmanager
async def walking(installation: Installation, page: Page) -> AsyncIterator[Walk]:
    """A visitor who has not come in yet; nothing waits for him afterwards."""
    walk = Walk(page, await moved_in(installation))
    try:
        yield walk
    finally:
        walk.gate.set()


async def fill(page: Page, texts: Mapping[str, str]) -> None:
    """Types into the fields with these labels; a label may go on."""
    for label, text in texts.items():
        await labelled(page, label).fill(text)


def labelled(page: Page, label: str) -> Locator:
    """The field whose label says this, and perhaps `optional`."""
    return page.get_by_label(re.compile(rf"^{re.escape(label)}( (\w+, )?optional| \w+)?$"))


def attempt(page: Page, step: str) -> Locator:
    """The row of a step's attempt."""
    return page.locator("#attempts tbody tr").filter(has=page.get_by_role("rowheader", name=step))


async def ids(page: Page, rows: str) -> list[str]:
    """The ids of these elements, in the order of the page."""
    found: list[str] = await page.locator(rows).evaluate_all("all => all.map(one => one.id)")
    return found
