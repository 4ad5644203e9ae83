"""What actions and projects may be called."""

import re
from typing import Final

MAX_NAME_CHARS: Final = 63
RESERVED_PREFIX: Final = "mobius."
RESERVED_NAMES: Final = frozenset({"catalog"})
"""Names that stand for something else in the paths of the API."""

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def action_name_problem(name: str) -> str | None:
    """Why a project cannot have an action of this name; None when it can.

    A platform action's name has a dot (`slack.post-message`), a project's never has: the two cannot collide.
    """
    if name.startswith(RESERVED_PREFIX):
        return f"expected a name that does not start with {RESERVED_PREFIX}, but it does: that is for the platform"
    if name in RESERVED_NAMES:
        return f"expected another name, but {name} is reserved"
    return handle_problem(name)


def label_problem(name: str) -> str | None:
    """Why this cannot be what people call something."""
    if name.isprintable() and name == name.strip():
        return None
    return "expected printable characters without spaces around them, but there are others"


def derived_handle(name: str) -> str:
    """A handle made from a name: lower case, everything else as single hyphens. Empty if nothing is left."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:MAX_NAME_CHARS].rstrip("-")


def handle_problem(name: str) -> str | None:
    """The rule that names and handles share, as a sentence when it is broken."""
    if len(name) > MAX_NAME_CHARS:
        return f"expected at most {MAX_NAME_CHARS} characters, but it has {len(name)}"
    if not _NAME.fullmatch(name):
        return f"expected lower-case letters, digits and inner hyphens, but got {name!r}"
    return None
