"""What the browser gets: pages, redirects and refusals, always with the headers that keep it to itself."""

from collections.abc import Mapping
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http import Content
from libs.chassis.http.errors import error_of, headers_of, status_of
from services.audit.dashboard import render
from services.audit.dashboard.visit import Page, Redirect, View, Visit

HTML: Final = "text/html; charset=utf-8"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Cookie, Accept",
}

HEADINGS: Final[Mapping[int, str]] = {
    401: "Sign in first",
    403: "Not with this key",
    404: "Nothing here",
    409: "Not as things are",
    429: "Too much at once",
    500: "Something broke here",
    503: "Away right now",
}
ADVICE: Final[Mapping[int, str]] = {
    403: "Sign in with a key that has the role, or ask an administrator for one.",
    404: "It may have been deleted, it may be in another project, or the address has a slip in it.",
    429: "Wait a moment and try again.",
    500: "It is in the log of the audit under this request's id. Reload, or go back and try again.",
    503: "Wait a moment and reload. If it stays, look at /readyz of the service.",
}
"""What to do next."""


def frame(
    visit: Visit | None,
    title: str,
    *,
    project: str = "",
    section: str = "",
    api: str | None = None,
    base: str = "",
    live: bool = False,
) -> dict[str, object]:
    """What `layout.html` shows around every page. `project` is one that the visitor may know of; `base` belongs to
    `api`."""
    return {
        "visit": visit,
        "title": title,
        "project": project,
        "section": section,
        "api": api,
        "base": base,
        "page_live": live,
    }


def page_answer(view: View, page: Page, context: Mapping[str, object]) -> Content:
    """A page with its content."""
    return Content(view.status, render.page(view.template or page.template, context), HTML, HEADERS)


def redirect(to: Redirect, cookies: str | None = None) -> Content:
    """Go on there, by GET."""
    extra = {"Location": to.to} if cookies is None else {"Location": to.to, "Set-Cookie": cookies}
    return Content(303, b"", HTML, {**HEADERS, **extra})


def refusal(refused: Rejected, visit: Visit | None, project: str = "") -> Content:
    """The page that says why not, with the status that the API would answer. `project` is one that the visitor may
    know of."""
    status = status_of(refused)
    told = {"sentence": error_of(refused)["message"], "advice": ADVICE.get(status)}
    context = {**told, **frame(visit, HEADINGS.get(status, "Refused"), project=project)}
    headers = {**HEADERS, **headers_of(refused, status)}
    return Content(status, render.page("refused.html", context), HTML, headers)
