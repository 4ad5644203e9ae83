"""Tasks that live as long as the process. If one of them raises, the process is told and ends: a service that limps
on without one of its loops is worse than one that is restarted."""

import asyncio
from collections.abc import Coroutine
from typing import Final

FATAL: Final = "fatal"
"""Key in the context that the loop's exception handler is given; `service.run` ends the process for it."""


def background(work: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
    """Starts `work`. Cancelling it, or letting it return, is fine; an exception goes to the loop's handler as fatal."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_report)
    return task


def _report(task: asyncio.Task[None]) -> None:
    if task.cancelled():
        return
    error = task.exception()
    if error is not None:
        context = {"message": f"{task.get_name()} crashed", "exception": error, "task": task, FATAL: True}
        task.get_loop().call_exception_handler(context)
