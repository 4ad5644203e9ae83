"""What pages do wrong without anybody looking: errors in the console, blocked or failed requests, foreign hosts."""

import re
from dataclasses import dataclass, field

from playwright.async_api import BrowserContext, ConsoleMessage, Request, WebError

_LOCAL = ("data:", "blob:", "about:")
_LEFT = "net::ERR_ABORTED"
"""How a request ends whose page was left: an event stream does at every click on a link."""


@dataclass
class Watch:
    """Hears everything that happens in a context. What breaks the policy of a page is an error in the console."""

    origin: str
    complaints: list[str] = field(default_factory=list)
    _expected: list[re.Pattern[str]] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Begins to listen."""
        context.on("console", self._said)
        context.on("weberror", self._raised)
        context.on("request", self._asked)
        context.on("requestfailed", self._failed)

    def expect(self, pattern: str) -> None:
        """The test provokes this complaint: it has to come, and is none."""
        self._expected.append(re.compile(pattern))

    def verdict(self) -> list[str]:
        """A sentence for every complaint that was not expected, and for every one that was and did not come."""
        unexpected = [text for text in self.complaints if not any(like.search(text) for like in self._expected)]
        absent = [like.pattern for like in self._expected if not any(map(like.search, self.complaints))]
        return [*unexpected, *(f"expected a complaint like {pattern}, but none came" for pattern in absent)]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self.complaints.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _raised(self, error: WebError) -> None:
        self.complaints.append(f"uncaught: {error.error}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", *_LOCAL)):
            self.complaints.append(f"foreign host: {request.method} {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != _LEFT:
            self.complaints.append(f"failed: {request.method} {request.url}: {request.failure}")
