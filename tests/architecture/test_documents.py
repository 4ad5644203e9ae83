"""What the pages point at exists: links between them, the headings behind a #, and the paths that they name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, project_files

PAGES = [path for path in project_files() if path.suffix == ".md"]

LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
NAMED_PATH = re.compile(r"`((?:libs|services|deploy|demo|tests|docs)/[\w./-]+)`")


def anchors(text: str) -> set[str]:
    """The names by which the headings of a page can be linked to."""
    titles = (title.strip().lower() for title in HEADING.findall(BLOCK.sub("", text)))
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


def dead_ends(page: Path, text: str) -> Iterator[str]:
    """A sentence for every link or path that leads nowhere; `<placeholders>` and `*` make patterns."""
    for target, anchor in LINK.findall(BLOCK.sub("", text)):
        if "://" in target:
            continue
        there = page.parent / target if target else page
        if not there.exists():
            yield f"{page.name}: expected {target} beside it, but there is nothing"
        elif anchor and anchor not in anchors(there.read_text(encoding="utf-8")):
            yield f"{page.name}: expected the heading #{anchor} in {there.name}, but there is none"
    for named in NAMED_PATH.findall(text):
        if not (ROOT / named).exists():
            yield f"{page.name}: expected {named} in the tree, but there is nothing"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_leads_somewhere(page: Path) -> None:
    assert list(dead_ends(page, page.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "text", ["see [there](nowhere.md)", "in `services/engine/nowhere.py`", "see [it](ARCHITECTURE.md#nowhere)"]
)
def test_a_dead_end_is_noticed(text: str) -> None:
    assert len(list(dead_ends(ROOT / "README.md", text))) == 1


def test_patterns_and_foreign_links_are_left_alone() -> None:
    text = "`services/<name>/app.py`, `tests/*`, [spec](https://cloudevents.io), [here](ARCHITECTURE.md#the-picture)"

    assert list(dead_ends(ROOT / "README.md", text)) == []
