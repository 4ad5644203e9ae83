"""The command: `python -m tests.wire_contract FILE [--tags actions,projects]`. Fails when an answer breaks the file."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import uvloop
import yaml

from libs.contracts.codec import parse_own_json
from libs.contracts.documents import published
from tests.e2e.installation import running
from tests.e2e.operations.documented import Documented, Operation
from tests.e2e.operations.ground import Ground
from tests.wire_contract.verdict import Line, counterpart, judge, lacking, table
from tests.wire_contract.walk import walk


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.wire_contract", description=__doc__)
    parser.add_argument("file", type=Path, help="an OpenAPI file, YAML or JSON")
    parser.add_argument("--tags", default="", help="only operations that the file has under these, with commas")
    options = parser.parse_args(arguments)
    tags = [tag for tag in options.tags.split(",") if tag]
    file = Documented(yaml.safe_load(options.file.read_text(encoding="utf-8")))
    ours = list(Documented(cast("dict[str, Any]", parse_own_json(published("openapi.json")))).operations())
    lines = uvloop.run(judged(file, ours, tags))
    print("\n".join([*(table(lines) if lines else []), *lacking(file, ours, tags)]))
    broken = sum(bool(line.faults) for line in lines)
    print(f"{len(lines)} operations, {broken} broken")
    return 1 if broken or not lines else 0


async def judged(file: Documented, ours: Sequence[Operation], tags: Sequence[str]) -> list[Line]:
    """Our operations that the file has too, each with its verdict."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder)) as installation:
            ground = Ground(installation)
            await ground.lay()
            for operation in ours:
                theirs = counterpart(file, operation)
                if theirs is None or (tags and theirs.tag not in tags):
                    continue
                exchanges = [exchange async for exchange in walk(ground, operation)]
                lines.append(judge(file, theirs, exchanges))
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
