"""Writes the pages: `python -m deploy.reference` (`make docs`). `--check` writes nothing and fails on a stale page."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.reference.delivery_page import delivery_page
from deploy.reference.http_api_page import http_api_page
from deploy.reference.settings_page import settings_page
from deploy.reference.states_page import states_page

ROOT = Path(__file__).parents[2]
REFERENCE = Path("docs/reference")


def pages() -> Mapping[Path, str]:
    """Every page that is derived from the services, by its path below the root."""
    return {
        REFERENCE / "delivery.md": delivery_page(),
        REFERENCE / "http-api.md": http_api_page(),
        REFERENCE / "settings.md": settings_page(),
        REFERENCE / "states.md": states_page(),
    }


def stale(root: Path) -> Mapping[Path, str]:
    """The pages that are missing or say something else, with what they should say."""
    return {
        path: text
        for path, text in pages().items()
        if not (root / path).exists() or (root / path).read_text(encoding="utf-8") != text
    }


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """The command; answers with its exit code: 1 for a stale page under `--check`."""
    parser = argparse.ArgumentParser(prog="python -m deploy.reference", description="Writes reference pages.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is stale")
    check = parser.parse_args(arguments).check
    found = stale(root)
    for path, text in found.items():
        if check:
            print(f"{path}: expected what the services say, but it is stale; run make docs")
            continue
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
        print(f"wrote {path}")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
