"""Where this installation is, as its visitors know it; and which of our own pages an address means."""

import re
from typing import Final
from urllib.parse import quote

from libs.chassis.http import Call
from services.audit.dashboard.forms import host

HOME: Final = "/dashboard"
"""Where the pages are."""

SIGN_IN: Final = f"{HOME}/sign-in"

_UPWARDS: Final = r"(?!(\.|%2[eE]){1,2}(/|\?|\Z))"
_PAGE: Final = re.compile(rf"/dashboard(/{_UPWARDS}[\w.~%!$'()*+,;=:@-]+)*(\?[\w.~%!$&'()*+,;=:@/?-]*)?", re.ASCII)
_HOST: Final = re.compile(r"[\w.:\[\]-]{1,255}", re.ASCII)


class Address:
    """`public_url` is what the operator has said; None: whatever the visitor's browser asked for."""

    def __init__(self, public_url: str | None) -> None:
        self._public_url = None if public_url is None else public_url.rstrip("/")

    def base(self, call: Call[None, None]) -> str:
        """The installation's base URL, for the commands that pages show."""
        if self._public_url is not None:
            return self._public_url
        name = host(call)
        return f"{self._scheme(call)}://{name if _HOST.fullmatch(name) else 'localhost'}"

    def secure(self, call: Call[None, None]) -> bool:
        """Whether visitors come over TLS: cookies must not travel without, then."""
        return self.base(call).startswith("https://")

    def _scheme(self, call: Call[None, None]) -> str:
        return "https" if call.headers.get("X-Forwarded-Proto", "").lower() == "https" else "http"


def sign_in_path(call: Call[None, None]) -> str:
    """The door, with the way back to the page that was asked for."""
    return f"{SIGN_IN}?next={quote(call.request.raw_path, safe='')}" if call.request.method == "GET" else SIGN_IN


def page_path(text: str | None) -> str:
    """A page of ours that an address means; the first one where it means anything else."""
    return text if text is not None and _PAGE.fullmatch(text) else HOME
