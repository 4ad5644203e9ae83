"""The demo, whole: quiet, with each service killed in the middle, and on the fallback broker.

Every check of the demo is asserted by name, so that a failure says which sides differ.
"""

from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from demo.documents import load_documents
from demo.options import Options
from demo.report import Report
from demo.story import run
from deploy.local.fallback_broker import real_broker_missing

pytestmark = pytest.mark.timeout(180)

WARM_SECONDS = 60


async def tell(folder: Path, options: Options) -> Report:
    """Runs the demo in `folder`, its words in `folder/told.txt`; nothing that it started may be left."""
    with (folder / "told.txt").open("w") as told:
        report = await run(replace(options, folder=folder / "stack"), Console(file=told, width=120))
    assert [check for check in report.checks if not check.ok] == []
    assert _started_in(folder) == []
    return report


def _started_in(folder: Path) -> list[str]:
    """The processes below this one that have to do with the folder."""
    children = psutil.Process().children(recursive=True)
    return [process.name() for process in children if any(str(folder) in part for part in process.cmdline())]


async def test_quiet_demo_agrees_from_three_sides(tmp_path: Path) -> None:
    report = await tell(tmp_path, Options())
    documents = load_documents()
    assert len(documents) >= 20
    assert [one.doc_id for one in report.evidence.runs] == list(documents)
    assert len(report.evidence.deliveries) == len(documents)
    assert len(report.evidence.audit) == 2 * len(documents)
    assert report.takeover.claimed_by == (report.takeover.worker_id,)
    assert report.loss == (real_broker_missing() or "")
    assert report.total_seconds < WARM_SECONDS
    told = (tmp_path / "told.txt").read_text()
    assert all(one.run.id in told for one in report.evidence.runs)
    assert "Everything agrees." in told


@pytest.mark.parametrize(
    "service", ["engine", "dispatcher", *(pytest.param(one, marks=pytest.mark.nightly) for one in ("catalog", "audit"))]
)
async def test_killed_service_changes_nothing_of_what_the_sides_say(tmp_path: Path, service: str) -> None:
    report = await tell(tmp_path, Options(kill=service))
    assert report.killed == service
    assert len(report.evidence.runs) == len(load_documents())


async def test_fallback_broker_runs_the_demo_and_says_what_is_lost(tmp_path: Path) -> None:
    report = await tell(tmp_path, Options(fallback_broker=True))
    assert report.loss.startswith("FALLBACK BROKER")
    assert (tmp_path / "told.txt").read_text().count("FALLBACK BROKER") == 2
