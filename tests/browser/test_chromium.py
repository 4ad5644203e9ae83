"""A missing browser is said, never passed over where it has to be there; one that ran leaves nothing."""

from pathlib import Path

import psutil
import pytest

from tests.architecture.tree import ROOT
from tests.browser.chromium import REQUIRE, chromium, missing, short_folder

GONE_WITHIN_SECONDS = 20
"""How long the processes of a browser that was told to end may take to."""


@pytest.mark.parametrize("environment", [{}, {REQUIRE: "1"}])
def test_chromium_that_is_installed_is_used(environment: dict[str, str]) -> None:
    assert missing(environment, "/usr/bin/chromium") is None


@pytest.mark.parametrize(("environment", "failure"), [({}, False), ({REQUIRE: ""}, False), ({REQUIRE: "1"}, True)])
def test_chromium_that_is_missing_is_a_failure_where_it_is_required(environment: dict[str, str], failure: bool) -> None:
    lack = missing(environment, None)

    assert lack is not None
    assert "apt-get install chromium" in lack[0]
    assert lack[1] is failure


def test_ci_installs_chromium_and_requires_it() -> None:
    script = (ROOT / ".ci" / "run").read_text()

    assert f"export {REQUIRE}=1" in script
    assert script.index(".ci/chromium") < script.index("make check-slow-tests")


@pytest.mark.usefixtures("browser")
async def test_nothing_is_left_of_a_browser_that_was_closed() -> None:
    before = set(psutil.Process().children())  # the other browser's processes come and go below these
    with short_folder() as folder:
        async with chromium(folder) as other:
            await (await other.new_page()).goto("about:blank")
            drivers = set(psutil.Process().children()) - before
            started = {*drivers, *(one for driver in drivers for one in driver.children(recursive=True))}
            assert profiles(folder)

        assert started
        _, left = psutil.wait_procs(started, timeout=GONE_WITHIN_SECONDS)
        assert [process.name() for process in left if process.status() != psutil.STATUS_ZOMBIE] == []
        assert profiles(folder) == []


def profiles(folder: Path) -> list[str]:
    """The browsers' folders in there."""
    return [path.name for path in folder.iterdir() if "profile" in path.name]
