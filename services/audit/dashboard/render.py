"""Templates: everything that comes from outside is text, and a name that is missing is a bug that shows."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from libs.chassis.clock import format_time
from libs.contracts.codec import Json, indent_json, parse_json
from services.audit.dashboard.address import HOME

LIVE_BLOCK: Final = "live"
"""The part of a page that is sent again when it changes."""

MOST_JSON_CHARS: Final = 20_000
"""How much of a JSON document a page shows; the API has the rest."""

SECTIONS: Final = (("actions", "Actions"), ("invocations", "Invocations"), ("workflows", "Workflows"), ("runs", "Runs"))
"""The navigation of a project: the end of the address, and what it is called."""

MEDIA_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


def page(template: str, context: Mapping[str, object]) -> bytes:
    """The whole page."""
    return _environment().get_template(template).render(context).encode()


def region(template: str, context: Mapping[str, object]) -> str:
    """Only what is live of it."""
    found = _environment().get_template(template)
    return "".join(found.blocks[LIVE_BLOCK](found.new_context(dict(context))))


@cache
def asset(name: str) -> tuple[bytes, str] | None:
    """A file that pages need, and its media type; None: there is none of this name."""
    media_type = MEDIA_TYPES.get(name.rpartition(".")[2])
    file = files(__package__).joinpath("static", name)
    return (file.read_bytes(), media_type) if media_type is not None and "/" not in name and file.is_file() else None


@cache
def asset_path(name: str) -> str:
    """Where a page finds it: another address for other bytes, so that no browser keeps an old one."""
    found = asset(name)
    assert found is not None, f"expected static/{name}, but there is no such file"
    return f"{HOME}/static/{name}?{hashlib.sha256(found[0]).hexdigest()[:12]}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {"home": HOME, "asset": asset_path, "sections": SECTIONS}
    environment.filters |= {"when": when, "json": pretty_json}
    environment.globals["ui"] = environment.get_template("components.html").module
    return environment


def when(moment: datetime | None) -> Markup:
    """A moment in UTC, to the second; exact on hover and for programs. A dash where there is none."""
    if moment is None:
        return Markup('<span class="none">–</span>')
    exact, short = format_time(moment), moment.strftime("%Y-%m-%d %H:%M:%S")
    return Markup('<time datetime="{exact}" title="{exact}">{short}</time>').format(exact=exact, short=short)


def pretty_json(document: Json | bytes) -> str:
    """A document for people, cut where it gets too long for a page."""
    value = parse_json(document) if isinstance(document, bytes) else document
    text = indent_json(value)
    return text if len(text) <= MOST_JSON_CHARS else f"{text[:MOST_JSON_CHARS]}\n… ({len(text):,} characters in all)"
