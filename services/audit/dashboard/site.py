"""Takes every request for a page through the same steps: session, key, project, role, page.

Whoever is not signed in is sent to the door and comes back; what is refused is a page with the sentence and the status
of the API; what is away is one too.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal, TypeAlias

from libs.chassis.db.errors import Unavailable
from libs.chassis.decider import Rejected
from libs.chassis.http import NOT_FOUND, Answer, AnyRoute, Call, EventStream, Role, Route
from libs.chassis.http.authentication import Authentication
from libs.chassis.http.errors import UNKNOWN_PATH, away, internal, status_of
from libs.chassis.telemetry.logging import get_logger
from services.audit.dashboard import render
from services.audit.dashboard.address import HOME, sign_in_path
from services.audit.dashboard.forms import read_form, read_query
from services.audit.dashboard.live import follow
from services.audit.dashboard.pulse import Pulse
from services.audit.dashboard.responses import frame, page_answer, redirect, refusal
from services.audit.dashboard.sessions import COOKIE, Sessions, cookie
from services.audit.dashboard.visit import Command, Page, Redirect, Shown, Sources, View, Visit

log = get_logger(__name__)

MOST_FORM_BYTES: Final = 524_288
FORM_SECONDS: Final = 30.0

Handler: TypeAlias = Callable[[Call[None, None]], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Site:
    """The pages of one installation, as routes of its audit."""

    sources: Sources
    sessions: Sessions
    authentication: Authentication
    pulse: Pulse

    def routes(self, pages: Sequence[Page], commands: Sequence[Command]) -> Sequence[AnyRoute]:
        """A route for each. What is asked for below the first page and is none of them is refused on a page too."""
        found = (*map(self._page_route, pages), *map(self._command_route, commands))
        return [replace(one, strays=self._stray) if (one.method, one.path) == ("GET", HOME) else one for one in found]

    def _page_route(self, page: Page) -> AnyRoute:
        async def answer(call: Call[None, None]) -> Answer:
            visit = await self.visit(call, page.role)
            if not isinstance(visit, Visit):
                return visit
            if page.live and "text/event-stream" in call.headers.get("Accept", ""):
                return EventStream(self._follow(visit, page))
            return self._answer(visit, page, await page.show(visit, self.sources))

        return browser_route("GET", page.path, answer, waits=page.live)

    def _command_route(self, command: Command) -> AnyRoute:
        async def answer(call: Call[None, None]) -> Answer:
            visit = await self.visit(call, command.role, edits=command.edits)
            return await self._carry_out(visit, command) if isinstance(visit, Visit) else visit

        return browser_route("POST", command.path, answer)

    async def _stray(self, call: Call[None, None], refused: Rejected) -> Answer:
        async def answer(call: Call[None, None]) -> Answer:
            visit = await self.visit(call, Role.VIEWER)
            told = NOT_FOUND if refused is UNKNOWN_PATH else refused
            return refusal(told, visit) if isinstance(visit, Visit) else visit

        return await told_on_a_page(call, answer)

    async def visit(self, call: Call[None, None], role: Role, *, edits: bool = False) -> Visit | Answer:
        """Who this is, if he may come in; else where he is sent, or why not."""
        session = await self.sessions.find(cookie(call, COOKIE), self.sources.clock.now())
        if session is None:
            return redirect(Redirect(sign_in_path(call)))
        project = call.params.get("project")
        admitted = await self.authentication.admit(session.authorization, None, Role.VIEWER)
        if isinstance(admitted, Rejected):
            return redirect(Redirect(sign_in_path(call)))
        query = read_query(call)
        visit = Visit(call, session, admitted, self.sources.clock.now(), {} if isinstance(query, Rejected) else query)
        self.sources.access.used(admitted)
        allowed = await self.authentication.admit(session.authorization, project, role, edits=edits)
        if isinstance(allowed, Rejected):
            return refusal(allowed, visit, "" if allowed is NOT_FOUND else visit.project)
        return refusal(query, visit, visit.project) if isinstance(query, Rejected) else visit

    async def _carry_out(self, visit: Visit, command: Command) -> Answer:
        form = await read_form(visit.call, visit.session.token, MOST_FORM_BYTES, FORM_SECONDS)
        if isinstance(form, Rejected):
            return refusal(form, visit, visit.project)
        try:
            done = await command.act(visit, self.sources, form)
        except Unavailable as error:
            done = away(error)
        if not isinstance(done, Rejected):
            return self._answer(visit, command.page, done)
        again = replace(visit, form=form, refusal=done)
        shown = await command.page.show(again, self.sources)
        if isinstance(shown, View):
            shown = replace(shown, status=status_of(done))
        return self._answer(again, command.page, shown)

    def _answer(self, visit: Visit, page: Page, shown: Shown) -> Answer:
        match shown:
            case Redirect():
                return redirect(shown)
            case Rejected():
                return refusal(shown, visit, visit.project)
            case View():
                return page_answer(shown, page, self._context(visit, page, shown))

    def _context(self, visit: Visit, page: Page, view: View) -> Mapping[str, object]:
        base, live = self.sources.address.base(visit.call), page.live
        around = frame(
            visit, view.title, project=visit.project, section=page.section, api=view.api, base=base, live=live
        )
        return {**view.data, **around}

    def _follow(self, visit: Visit, page: Page) -> AsyncIterator[bytes]:
        async def region() -> str | None:
            again = await self.visit(visit.call, page.role)
            if not isinstance(again, Visit):
                return None
            shown = await page.show(again, self.sources)
            return render.region(page.template, self._context(again, page, shown)) if isinstance(shown, View) else None

        return follow(visit.call, self.pulse, region)


def browser_route(
    method: Literal["GET", "POST"],
    path: str,
    handler: Handler,
    *,
    below: str = HOME,
    waits: bool = False,
) -> AnyRoute:
    """A route that takes no key at the door: the session has it. What goes wrong is told on a page too."""

    return Route(
        method=method,
        path=f"{below}{path}",
        operation_id=f"{method} {below}{path}",
        summary="",
        handler=partial(told_on_a_page, handler=handler),
        role=None,
        for_browsers=True,
        waits=waits,
    )


async def told_on_a_page(call: Call[None, None], handler: Handler) -> Answer:
    """What the handler answers; what goes wrong in it as a page."""
    try:
        return await handler(call)
    except Unavailable as error:
        return refusal(away(error), None)
    except Exception:
        log.exception("page_failed")
        return refusal(internal(call.request_id), None)
