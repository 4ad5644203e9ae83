"""Writes what is derived from the contracts: `python -m libs.contracts.generate` (`make contracts`).

Without arguments it writes the JSON Schemas, their lock, the AsyncAPI document and the reference pages. `--check`
writes nothing and fails when one of them is stale. `--release` marks every schema version as released: from then on it
may only change compatibly. Either way an incompatible change of a released version is refused, with one sentence per
break.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import orjson

from libs.contracts.codec import JsonObject, parse_own_json
from libs.contracts.publication import asyncapi, pages
from libs.contracts.publication.documents import schemas
from libs.contracts.publication.lock import Files, Lock, Locked, next_lock, objections

ROOT = Path(__file__).parents[2]
SCHEMAS = Path("libs/contracts/schemas")
LOCK = SCHEMAS / "schemas.lock"
REFERENCE = Path("docs/reference")
ASYNCAPI = Path("libs/contracts/documents/asyncapi.json")


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """The command; answers with its exit code: 1 for an incompatible change, or for something stale under `--check`."""
    options = _options().parse_args(arguments)
    lock, generated = read_lock(root), generated_schemas()
    refused = objections(lock, recorded_schemas(root), generated)
    if refused:
        return _say(refused, 1)
    stale = dict(_stale(root, outputs(generated, next_lock(lock, generated, options.release))))
    if options.check:
        return _say(
            [f"{path}: expected what the classes say, but it is stale; run make contracts" for path in stale], 1
        )
    for path, content in stale.items():
        _write(root / path, content)
    return _say([f"{'removed' if content is None else 'wrote'} {path}" for path, content in stale.items()], 0)


def generated_schemas() -> Files:
    """The schema files as the payload classes say, by schema name."""
    return {name: orjson.dumps(schema, option=orjson.OPT_INDENT_2) + b"\n" for name, schema in schemas().items()}


def recorded_schemas(root: Path = ROOT) -> Files:
    """The schema files as they lie in the tree, by schema name."""
    folder = root / SCHEMAS
    return {
        str(file.relative_to(folder).with_suffix("")): file.read_bytes() for file in sorted(folder.glob("*/v*.json"))
    }


def read_lock(root: Path = ROOT) -> Lock:
    """The lock as it lies in the tree; empty before the first generation."""
    file = root / LOCK
    entries = cast("dict[str, JsonObject]", parse_own_json(file.read_bytes()) if file.exists() else {})
    return {name: Locked.model_validate(entry) for name, entry in entries.items()}


def outputs(generated: Files, lock: Lock) -> Mapping[Path, bytes]:
    """Every generated file, by its path below the root."""
    locked = {name: entry.model_dump() for name, entry in lock.items()}
    return {
        **{SCHEMAS / f"{name}.json": content for name, content in generated.items()},
        LOCK: orjson.dumps(locked, option=orjson.OPT_INDENT_2) + b"\n",
        ASYNCAPI: orjson.dumps(asyncapi.document(schemas()), option=orjson.OPT_INDENT_2) + b"\n",
        REFERENCE / "events.md": pages.events_page(schemas()).encode(),
        REFERENCE / "topics.md": pages.topics_page().encode(),
    }


def _stale(root: Path, wanted: Mapping[Path, bytes]) -> Iterator[tuple[Path, bytes | None]]:
    """What differs from `wanted`, with its right content; None: a schema file that is too many."""
    for path, content in wanted.items():
        if not (root / path).exists() or (root / path).read_bytes() != content:
            yield path, content
    for name in recorded_schemas(root):
        if SCHEMAS / f"{name}.json" not in wanted:
            yield SCHEMAS / f"{name}.json", None


def _write(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _options() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m libs.contracts.generate", description="Writes schemas and reference pages.")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--check", action="store_true", help="write nothing; fail when something is stale")
    chosen.add_argument("--release", action="store_true", help="from now on, every schema version stays")
    return parser


def _say(lines: Sequence[str], code_if_any: int) -> int:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    return code_if_any if lines else 0


if __name__ == "__main__":
    sys.exit(main())
