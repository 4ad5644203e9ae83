"""Decision records are short, complete, and numbered without a gap."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

RECORDS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
MOST_LINES = 25


def test_records_are_numbered_without_a_gap() -> None:
    assert [record.name[:4] for record in RECORDS] == [f"{number:04}" for number in range(1, len(RECORDS) + 1)]
    assert RECORDS


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_says_context_decision_and_consequences_briefly(record: Path) -> None:
    text = record.read_text()

    assert re.findall(r"^## (.+)$", text, re.M) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= MOST_LINES
