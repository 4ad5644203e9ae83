"""A small API to knock at: toys of a project."""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal

from pydantic import Field

from libs.chassis.decider import Rejected
from libs.chassis.http import Answer, AnyRoute, Body, Call, Empty, EventStream, Json, Page, Role, Route, encode_event
from libs.chassis.loops.signals import Signal

TOYS = "/v1/projects/{project}/toys"


class Wheel(Body):
    kind: Literal["wheel"]
    spokes: int = Field(ge=0)


class Eye(Body):
    kind: Literal["eye"]
    colour: str


class NewToy(Body):
    name: str = Field(pattern=r"^[a-z]+$", max_length=10)
    size: Literal["small", "large"] = "small"
    weight: float = 1.0
    parts: list[Wheel | Eye] = Field([])
    labels: dict[str, str] = Field({})


class ToyPage(Page):
    colour: list[str] = Field([])
    sold: bool | None = None


async def create_toy(call: Call[NewToy, None]) -> Answer:
    return Json(
        201, {"name": call.body.name, "project": call.project, "by": call.principal.key_id, "raw": len(call.raw)}
    )


async def list_toys(call: Call[None, ToyPage]) -> Answer:
    return Json(200, {"limit": call.query.limit, "colour": call.query.colour, "sold": call.query.sold})


async def get_toy(call: Call[None, None]) -> Answer:
    if call.params["name"] == "bear":
        return Json(200, {"name": "bear"})
    return Rejected("not_found", f"expected a toy, but there is no {call.params['name']}")


async def delete_toy(_call: Call[None, None]) -> Answer:
    return Empty(204)


async def best_toy(call: Call[None, None]) -> Answer:
    return Json(200, {"trace": call.traceparent, "request": call.request_id})


async def break_toy(call: Call[None, None]) -> Answer:
    if call.params["name"] == "away":
        raise TimeoutError("the database is away")
    raise RuntimeError("a bug")


async def wait_for_toy(call: Call[None, None]) -> Answer:
    """Until the process drains, the client hangs up or its key ends."""
    await call.until(Signal(), 60)
    return call.ended.refusal or Empty(204)


class Parade:
    """Toys going by, with what became of whoever watches."""

    def __init__(self) -> None:
        self.steps: asyncio.Queue[int | None] = asyncio.Queue()
        self.closed = asyncio.Event()

    async def watch(self, _call: Call[None, None]) -> Answer:
        return EventStream(self._events())

    async def _events(self) -> AsyncIterator[bytes]:
        try:
            while (step := await self.steps.get()) is not None:
                yield encode_event(b'{"step":%d}' % step, event="step", event_id=str(step))
        finally:
            self.closed.set()


def routes(parade: Parade | None = None) -> list[AnyRoute]:
    parade = parade or Parade()
    return [
        Route(
            method="POST",
            path=TOYS,
            operation_id="createToy",
            summary="",
            handler=create_toy,
            role=Role.AUTHOR,
            body=NewToy,
        ),
        Route(
            method="GET",
            path=TOYS,
            operation_id="listToys",
            summary="",
            handler=list_toys,
            role=Role.VIEWER,
            query=ToyPage,
        ),
        _plain("GET", f"{TOYS}/best", "getBestToy", best_toy),
        _plain("GET", f"{TOYS}/parade", "watchParade", parade.watch, waits=True),
        _plain("GET", f"{TOYS}/next", "waitForToy", wait_for_toy, waits=True),
        _plain("GET", f"{TOYS}/{{name}}", "getToy", get_toy),
        _plain("DELETE", f"{TOYS}/{{name}}", "deleteToy", delete_toy),
        _plain("POST", f"{TOYS}/{{name}}/break", "breakToy", break_toy),
    ]


def _plain(
    method: Literal["GET", "POST", "DELETE"], path: str, operation_id: str, handler: object, *, waits: bool = False
) -> AnyRoute:
    return Route(
        method=method,
        path=path,
        operation_id=operation_id,
        summary="",
        handler=handler,  # type: ignore[arg-type]
        role=Role.VIEWER,
        waits=waits,
    )
