"""A process without an address, as a part that a supervisor keeps running."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local.children import Child, ChildSpec
from deploy.local.environment import process_basics
from deploy.local.service import CHECKOUT

_STOP_SECONDS = 5.0


class ProcessPart:
    """`python -m MODULE ARGUMENTS…`, taken to be ready as soon as it runs."""

    loses_data = False

    def __init__(self, name: str, module: list[str], log: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.child: Child | None = None
        command = [sys.executable, "-m", *module]
        self._spec = ChildSpec(name, command, process_basics(os.environ) | dict(environment), log, CHECKOUT)

    async def start(self) -> None:
        self.child = Child(self._spec)

    async def stop(self) -> None:
        if self.child is not None:
            await self.child.stop(_STOP_SECONDS)
