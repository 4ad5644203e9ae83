"""Writes the pages and the OpenAPI document: `python -m deploy.reference` (`make docs`).

`--check` writes nothing and fails when one of them is stale. `--release` makes the document the one that later ones are
held against: what takes something away from its readers is refused, with one sentence per break.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, cast

import orjson

from deploy.reference.delivery_page import delivery_page
from deploy.reference.http_api_page import http_api_page, routes_of
from deploy.reference.openapi.changes import breaks
from deploy.reference.openapi.document import document
from deploy.reference.settings_page import settings_page
from deploy.reference.states_page import states_page
from libs.contracts.codec import JsonObject, parse_own_json
from libs.contracts.topics import SERVICES

ROOT = Path(__file__).parents[2]
REFERENCE = Path("docs/reference")
OPENAPI: Final = Path("libs/contracts/documents/openapi.json")
RELEASED: Final = Path("deploy/reference/openapi/released.json")


def pages() -> Mapping[Path, str]:
    """Every page that is derived from the services, and the document, by its path below the root."""
    return {
        OPENAPI: openapi_json(),
        REFERENCE / "delivery.md": delivery_page(),
        REFERENCE / "http-api.md": http_api_page(),
        REFERENCE / "settings.md": settings_page(),
        REFERENCE / "states.md": states_page(),
    }


def openapi_json() -> str:
    """The OpenAPI document as it is published."""
    described = document({service: routes_of(service) for service in SERVICES})
    return orjson.dumps(described, option=orjson.OPT_INDENT_2).decode() + "\n"


def stale(root: Path) -> Mapping[Path, str]:
    """The pages that are missing or say something else, with what they should say."""
    return {
        path: text
        for path, text in pages().items()
        if not (root / path).exists() or (root / path).read_text(encoding="utf-8") != text
    }


def broken(root: Path) -> list[str]:
    """What the document of today takes away from readers of the released one; nothing before the first release."""
    released = root / RELEASED
    return breaks(_read(released.read_bytes()), _read(openapi_json().encode())) if released.exists() else []


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """The command; answers with its exit code: 1 for a break, or for a stale page under `--check`."""
    options = _options().parse_args(arguments)
    if options.release:
        _write(root, RELEASED, openapi_json())
    refused = broken(root)
    for sentence in refused:
        print(f"{OPENAPI}: {sentence}")
    found = stale(root)
    for path, text in found.items():
        if options.check:
            print(f"{path}: expected what the services say, but it is stale; run make docs")
        else:
            _write(root, path, text)
    return 1 if refused or (options.check and found) else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.reference", description="Writes reference pages.")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--check", action="store_true", help="write nothing; fail when a page is stale")
    chosen.add_argument("--release", action="store_true", help="hold later documents against the one of today")
    return parser


def _write(root: Path, path: Path, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")
    print(f"wrote {path}")


def _read(raw: bytes) -> JsonObject:
    return cast(JsonObject, parse_own_json(raw))


if __name__ == "__main__":
    sys.exit(main())
