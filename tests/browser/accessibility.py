"""Whether axe-core finds a barrier in a page that keeps somebody out."""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, TypedDict, cast

from playwright.async_api import Page

BARRIERS = ("serious", "critical")
_RUN = "() => axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)"


class Node(TypedDict):
    """An element: the selectors that lead to it, and what to mend."""

    target: Sequence[str]
    failureSummary: str


class Violation(TypedDict):
    id: str
    impact: Literal["minor", "moderate", "serious", "critical"]
    help: str
    helpUrl: str
    nodes: Sequence[Node]


async def assert_accessible(page: Page) -> None:
    """Raises AssertionError with a paragraph for every serious or critical violation of the page as it is now."""
    barriers = [found for found in await violations(page) if found["impact"] in BARRIERS]
    assert not barriers, f"{page.url} keeps people out:\n" + "\n".join(map(told, barriers))


async def violations(page: Page) -> Sequence[Violation]:
    """All that axe-core finds. It comes in through the debugger, so the page's own policy does not hinder it."""
    await page.evaluate(_axe())
    return cast("Sequence[Violation]", await page.evaluate(_RUN))


def told(violation: Violation) -> str:
    """Rule, what it asks, and each element with what to mend."""
    head = f"{violation['impact']} {violation['id']}: {violation['help']} ({violation['helpUrl']})"
    return "\n".join([head, *_elements(violation)])


def _elements(violation: Violation) -> Iterator[str]:
    for node in violation["nodes"]:
        yield f"  {' '.join(map(str, node['target']))}"
        yield from (f"    {line.strip()}" for line in node["failureSummary"].splitlines())


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
