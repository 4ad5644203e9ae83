"""What the pages point at exists: links between them, and the paths that they name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, project_files

PAGES = [path for path in project_files() if path.suffix == ".md"]

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NAMED_PATH = re.compile(r"`((?:libs|services|deploy|demo|tests|docs)/[\w./-]+)`")


def dead_ends(page: Path, text: str) -> Iterator[str]:
    """A sentence for every link or path that leads nowhere; `<placeholders>` and `*` make patterns."""
    for target in LINK.findall(text):
        if "://" not in target and not (page.parent / target).exists():
            yield f"{page.name}: expected {target} beside it, but there is nothing"
    for named in NAMED_PATH.findall(text):
        if not (ROOT / named).exists():
            yield f"{page.name}: expected {named} in the tree, but there is nothing"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_leads_somewhere(page: Path) -> None:
    assert list(dead_ends(page, page.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("text", ["see [there](nowhere.md)", "in `services/engine/nowhere.py`"])
def test_a_dead_end_is_noticed(text: str) -> None:
    assert len(list(dead_ends(ROOT / "README.md", text))) == 1


def test_patterns_and_foreign_links_are_left_alone() -> None:
    text = "`services/<name>/app.py`, `tests/*`, [spec](https://cloudevents.io), [here](ARCHITECTURE.md#rules)"

    assert list(dead_ends(ROOT / "README.md", text)) == []
