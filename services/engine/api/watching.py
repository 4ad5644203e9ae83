"""Watching a run: server-sent events from the journal first, then as they are committed."""

from libs.chassis.http import NOT_FOUND, Answer, Call, EventStream
from libs.contracts.envelope import Event
from libs.contracts.payload import Payload
from services.engine.api.frames import Frames
from services.engine.api.models import WatchQuery
from services.engine.store.runs import Runs
from services.engine.store.watchers import FellBehind, Watch, Watchers


class WatchHandlers:
    """Answers GET `/runs/{id}/events`."""

    def __init__(self, runs: Runs, watchers: Watchers) -> None:
        self._runs = runs
        self._watchers = watchers

    async def watch(self, call: Call[None, WatchQuery]) -> Answer:
        """A stream that begins with how the run stands and ends with the run, or 404.

        With `since`, what happened after that sequence is told again, behind the first frame.
        """
        watch = self._watchers.watch(call.params["id"])
        try:
            events = await self._runs.events(watch.run_id)
        except BaseException:
            self._watchers.leave(watch)
            raise
        if not events or events[0].project != call.project:
            self._watchers.leave(watch)
            return NOT_FOUND
        return EventStream(RunStream(self._watchers, watch, events, call.query.since))


class RunStream:
    """The chunks of one watcher's stream."""

    def __init__(self, watchers: Watchers, watch: Watch, events: list[Event[Payload]], since: int | None) -> None:
        self._watchers = watchers
        self._watch = watch
        self._frames = Frames()
        self._first: bytes | None = self._beginning(events, since)
        watch.begin(events[-1].sequence)

    def __aiter__(self) -> "RunStream":
        return self

    async def __anext__(self) -> bytes:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        chunk = b""
        while not chunk:
            if self._frames.state.is_over:
                raise StopAsyncIteration
            try:
                chunk = b"".join([self._frames.of(event) for event in await self._watch.next()])
            except FellBehind:
                raise StopAsyncIteration from None
        return chunk

    async def aclose(self) -> None:
        """Gives the watch back."""
        self._watchers.leave(self._watch)

    def _beginning(self, events: list[Event[Payload]], since: int | None) -> bytes:
        """The first frame counts as what the watcher has seen before, so that one who is cut off in the middle of the
        replay does not skip its rest."""
        latest = events[-1].sequence
        seen = latest if since is None else min(since, latest)
        replay = []
        for event in events:
            if event.sequence <= seen:
                self._frames.skip(event)
            else:
                replay.append(self._frames.of(event))
        return self._frames.seed(seen) + b"".join(replay)
