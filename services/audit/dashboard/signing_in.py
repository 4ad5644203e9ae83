"""The door of the dashboard: an API key opens a session, signing out ends it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http import Answer, AnyRoute, Call, Content, Role
from libs.chassis.http.errors import NOT_FOUND, status_of
from services.audit.dashboard import render
from services.audit.dashboard.address import HOME, SIGN_IN, page_path
from services.audit.dashboard.forms import read_form, read_query
from services.audit.dashboard.responses import HEADERS, HTML, frame, redirect, refusal
from services.audit.dashboard.sessions import COOKIE, VISITOR_COOKIE, cookie, csrf_token, new_token, set_cookie
from services.audit.dashboard.site import FORM_SECONDS, Site, browser_route
from services.audit.dashboard.visit import Redirect, Visit

_MOST_BYTES: Final = 8_192
_VISITOR_LASTS: Final = timedelta(hours=1)
_WRONG_KEY: Final = Rejected(
    "unauthorized", "expected an API key that is good (mbx_…), but this one is unknown, revoked or expired", "api_key"
)


class SigningIn:
    """The routes that need no session, and the one that ends it."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> Sequence[AnyRoute]:
        return (
            browser_route("GET", "/", self.enter, below=""),
            browser_route("GET", "/sign-in", self.ask),
            browser_route("POST", "/sign-in", self.sign_in),
            browser_route("POST", "/sign-out", self.sign_out),
            browser_route("GET", "/static/{file}", self.static),
        )

    async def enter(self, _call: Call[None, None]) -> Answer:
        """The installation's bare address."""
        return redirect(Redirect(HOME))

    async def ask(self, call: Call[None, None]) -> Answer:
        """The form, tied to this browser by a cookie of its own, so that nobody signs it in with another's key."""
        query = read_query(call)
        going = page_path(None if isinstance(query, Rejected) else query.get("next"))
        return self._form(call, cookie(call, VISITOR_COOKIE) or new_token(), going, None)

    async def sign_in(self, call: Call[None, None]) -> Answer:
        visitor = cookie(call, VISITOR_COOKIE) or new_token()
        form = await read_form(call, visitor, _MOST_BYTES, FORM_SECONDS)
        if isinstance(form, Rejected):
            return self._form(call, new_token(), HOME, form)
        going, key = page_path(form.get("next")), form.get("api_key", "").strip()
        principal = await self._site.authentication.admit(f"Bearer {key}", None, Role.VIEWER)
        if isinstance(principal, Rejected):
            return self._form(call, visitor, going, _WRONG_KEY)
        sessions = self._site.sessions
        session = await sessions.begin(key, self._site.sources.clock.now())
        return redirect(Redirect(going), self._cookie(call, COOKIE, session.token, sessions.lasts))

    async def sign_out(self, call: Call[None, None]) -> Answer:
        visit = await self._site.visit(call, Role.VIEWER)
        if not isinstance(visit, Visit):
            return visit
        form = await read_form(call, visit.session.token, _MOST_BYTES, FORM_SECONDS)
        if isinstance(form, Rejected):
            return refusal(form, visit)
        await self._site.sessions.end(visit.session)
        return redirect(Redirect(SIGN_IN), self._cookie(call, COOKIE, "", timedelta(0)))

    async def static(self, call: Call[None, None]) -> Answer:
        found = render.asset(call.params["file"])
        if found is None:
            return refusal(NOT_FOUND, None)
        return Content(200, *found, {"X-Frame-Options": "DENY"})

    def _form(self, call: Call[None, None], visitor: str, going: str, refused: Rejected | None) -> Answer:
        form = {"csrf": csrf_token(visitor), "going": going, "refused": refused}
        context = {**form, **frame(None, "Sign in")}
        headers = {**HEADERS, "Set-Cookie": self._cookie(call, VISITOR_COOKIE, visitor, _VISITOR_LASTS)}
        return Content(
            200 if refused is None else status_of(refused), render.page("sign_in.html", context), HTML, headers
        )

    def _cookie(self, call: Call[None, None], name: str, value: str, lasts: timedelta) -> str:
        return set_cookie(name, value, HOME, lasts, secure=self._site.sources.address.secure(call))
