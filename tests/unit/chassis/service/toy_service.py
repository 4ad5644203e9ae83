"""A service with nothing in it but a life, to be run as a process: `python toy_service.py <behaviour>`."""

import asyncio
import os
import sys

from libs.chassis.http import Answer, Call, Json, Role, Route
from libs.chassis.loops.background import background
from libs.chassis.service import App, Chassis, run
from libs.chassis.settings import ServiceSettings
from tests.doubles.door import FakeAuthenticator, FakeProjects


class Toy:
    """Component. Says on standard output what is done to it."""

    def __init__(self, name: str, behaviour: str = "") -> None:
        self._name = name
        self._behaviour = behaviour

    async def start(self) -> None:
        self._say("starts")
        if self._behaviour == "refuses":
            raise RuntimeError("a toy that does not start")
        if self._behaviour == "dawdles":
            await asyncio.Event().wait()
        if self._behaviour == "crashes":
            self._task = background(self._crash(), "toy-loop")

    async def stop(self) -> None:
        self._say("stops")
        if self._behaviour == "clings":
            await asyncio.Event().wait()

    def ready(self) -> str | None:
        return "the toy sulks" if self._behaviour == "sulks" else None

    def _say(self, what: str) -> None:
        sys.stdout.write(f"{self._name} {what}\n")
        sys.stdout.flush()

    async def _crash(self) -> None:
        raise RuntimeError("a toy that breaks")


async def hello(call: Call[None, None]) -> Answer:
    return Json(200, {"hello": call.principal.key_id})


def build(_settings: ServiceSettings, _chassis: Chassis) -> App:
    behaviour = sys.argv[1]
    route = Route(method="GET", path="/hello", operation_id="hello", summary="", handler=hello, role=Role.VIEWER)
    return App([route], FakeAuthenticator(), FakeProjects(), [Toy("first"), Toy("second", behaviour)])


if __name__ == "__main__":
    raise SystemExit(run("toyshop", ServiceSettings, build, os.environ))
