"""What browsers send: cookies, forms, and whether a form is one of ours."""

import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from libs.chassis.decider import Rejected
from libs.chassis.http import Call
from libs.chassis.http.bodies import read_body
from libs.chassis.http.errors import bad_request, forbidden
from libs.chassis.http.pairs import read_pairs
from services.audit.dashboard.sessions import csrf_token

CSRF_FIELD: Final = "csrf"
_MOST_FIELDS: Final = 2_000
_FORM: Final = "application/x-www-form-urlencoded"

FOREIGN: Final = forbidden("expected a form of this dashboard, but it was sent by another site or an older page")


async def read_form(
    call: Call[None, None], token: str, most_bytes: int, seconds: float
) -> Mapping[str, str] | Rejected:
    """The fields of a form that a page of ours made for this browser; without the token itself."""
    if _is_foreign(call):
        return FOREIGN
    if call.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _FORM:
        return bad_request(f"expected a form ({_FORM}), but the body is something else", "header.Content-Type")
    raw = await read_body(call.request, most_bytes, seconds)
    if isinstance(raw, Rejected):
        return raw
    fields = _fields(raw.decode(errors="surrogateescape"), "form")
    if isinstance(fields, Rejected):
        return fields
    found = fields.pop(CSRF_FIELD, "")
    return fields if hmac.compare_digest(found.encode(), csrf_token(token).encode()) else FOREIGN


def read_query(call: Call[None, None]) -> Mapping[str, str] | Rejected:
    """The parameters of the address; a field that was left empty is none."""
    fields = _fields(call.request.raw_path.partition("?")[2], "query")
    return fields if isinstance(fields, Rejected) else {name: value for name, value in fields.items() if value}


def _fields(text: str, where: str) -> dict[str, str] | Rejected:
    """The last of each name; line ends as the rest of the world writes them."""
    pairs = read_pairs(text, where, _MOST_FIELDS)
    return pairs if isinstance(pairs, Rejected) else {name: value.replace("\r\n", "\n") for name, value in pairs}


def _is_foreign(call: Call[None, None]) -> bool:
    """Whether the browser itself says that another site has sent this."""
    site = call.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site != "same-origin"
    origin = call.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != host(call)


def host(call: Call[None, None]) -> str:
    """The name and port that the browser knows us by."""
    return call.headers.get("X-Forwarded-Host") or call.headers.get("Host", "")
