"""Integrations of other packages: the one that the how-to writes, installed and run, and some that are broken."""

import re
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import EntryPoint, distributions
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from libs.contracts.codec import JsonObject
from services.dispatcher.delivery.integrations.entry_points import GROUP, built_in, found
from services.dispatcher.delivery.integrations.port import InvocationContext, Room
from services.dispatcher.delivery.integrations.registry import IntegrationRegistry
from services.dispatcher.delivery.verdict import Failure, Success, Verdict
from tests.architecture.tree import ROOT
from tests.integration.delivery.conftest import LOOPBACK, Receiver

PAGE = (ROOT / "docs/how-to/write-an-integration.md").read_text(encoding="utf-8")
TOKEN = "nb-a-token-of-the-notebook"
SLACK, GITHUB = ("http://127.0.0.1:9/api/", None), ("http://127.0.0.1:9", None)


def shown(language: str) -> str:
    """The page's program, or its project file."""
    (block,) = re.finditer(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return block[1]


def install(folder: Path, name: str, entry_point: str, source: str) -> None:
    """What an installer leaves behind: a module, and metadata that names its entry point."""
    module = entry_point.partition(":")[0]
    (folder / f"{module}.py").write_text(source)
    info = folder / f"{module}-1.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {entry_point}\n")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that Python looks for packages in."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.fixture
async def registry(folder: Path) -> AsyncIterator[IntegrationRegistry]:
    """The built-in ones, and the notebook of the page beside a broken one."""
    ((name, entry_point),) = re.findall(
        r'^(\w+) = "([\w:]+)"$', shown("toml").partition("entry-points")[2], re.MULTILINE
    )
    install(folder, name, entry_point, shown("python"))
    install(folder, "broken", "broken_integration:Broken", "raise RuntimeError('not today')\n")
    room = Room(LOOPBACK)
    async with IntegrationRegistry([*built_in(room, SLACK, GITHUB), *found(room)]) as registry:
        yield registry


async def add_note(registry: IntegrationRegistry, url: str, token: str = TOKEN) -> Verdict:
    bound = registry.find("notebook.add-note")
    assert bound is not None
    parameters: JsonObject = {"text": "The lamp is broken"}
    assert bound.input_gate.violations(parameters) == []
    credentials: JsonObject = {"url": url, "token": token}
    verdict = await bound.invoke(parameters, InvocationContext("p", "r", "s", "i", 1, credentials=credentials))
    assert not isinstance(verdict, Success) or bound.output_gate.violations(verdict.result) == []
    return verdict


async def keep_notes(request: web.Request) -> web.StreamResponse:
    if request.headers["Authorization"] != f"Bearer {TOKEN}":
        return web.json_response({"error": "who are you?"}, status=401)
    return web.json_response({"id": "note_1"} if request.method == "POST" else {"name": "Ada"})


async def test_the_integration_of_the_page_is_found_and_works(
    registry: IntegrationRegistry, receiver: Receiver
) -> None:
    receiver.answer = keep_notes
    url = f"http://127.0.0.1:{receiver.port}"
    assert await add_note(registry, url) == Success({"id": "note_1"})
    refused = await add_note(registry, url, "nb-another-token")
    assert isinstance(refused, Failure)
    assert not refused.retryable
    assert [(one.path, one.body) for one in receiver.received] == [("/notes", b'{"text":"The lamp is broken"}')] * 2

    notebook = registry.integration("notebook")
    assert notebook is not None
    assert await registry.test(notebook, {"url": url, "token": TOKEN}) == Success({"name": "Ada"})


async def test_the_built_in_ones_are_there_beside_it_and_the_broken_one_is_not(registry: IntegrationRegistry) -> None:
    assert [one.slug for one in registry.integrations()] == ["slack", "github", "http", "notebook"]
    assert len(registry.all()) == 5 + 7 + 1 + 1


BROKEN = {
    "raises when it is imported": ("one:One", "raise RuntimeError('not today')\n"),
    "has no such name": ("two:Two", "pass\n"),
    "is no integration": ("three:Three", "class Three:\n    def __init__(self, room):\n        pass\n"),
    "cannot be made": ("four:Four", "def Four():\n    pass\n"),
    "is not written to its end": (
        "five:Five",
        "from services.dispatcher.delivery.integrations.port import Integration\n"
        "class Five(Integration):\n    def __init__(self, room):\n        pass\n",
    ),
}


@pytest.mark.parametrize(("entry_point", "source"), BROKEN.values(), ids=BROKEN)
def test_a_broken_one_is_refused_with_its_name(folder: Path, entry_point: str, source: str) -> None:
    install(folder, "broken", entry_point, source)
    with capture_logs() as logged:
        assert list(found(Room(), points_in(folder))) == []
    (refusal,) = logged
    module = entry_point.partition(":")[0]
    assert (refusal["event"], refusal["integration"], refusal["distribution"]) == (
        "integration_refused",
        "broken",
        module,
    )
    assert refusal["error"]


def points_in(folder: Path) -> Iterator[EntryPoint]:
    """Of this folder alone."""
    for distribution in distributions(path=[str(folder)]):
        yield from distribution.entry_points.select(group=GROUP)


async def test_one_that_takes_a_name_of_another_is_refused(folder: Path) -> None:
    impostor = (
        shown("python").replace('slug = "notebook"', 'slug = "slack"').replace("notebook.add-note", "slack.add-note")
    )
    install(folder, "impostor", "impostor:Notebook", impostor)
    room = Room(LOOPBACK)
    registry = IntegrationRegistry([*built_in(room, SLACK, GITHUB), *found(room, points_in(folder))])
    assert list(registry.refused) == ["slack"]
    assert registry.find("slack.add-note") is None
    assert registry.find("slack.post-message") is not None
