"""SVG elements as safe markup: every text is escaped here, and what XML cannot carry is replaced."""

import re
from collections.abc import Mapping
from typing import TypeAlias

from markupsafe import Markup, escape

Attributes: TypeAlias = Mapping[str, str | float | None]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NOTHING = Markup("")


def element(name: str, attributes: Attributes, *children: str) -> Markup:
    """`<name …>…</name>`; attributes that are None are left out, and children are escaped unless they are markup."""
    # every part of it is escaped: by `text`, or because it is a number or a name of ours
    written = "".join(f' {key}="{_value(value)}"' for key, value in attributes.items() if value is not None)
    inner = "".join(text(child) for child in children)
    return Markup(f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>")  # noqa: S704


def text(value: str) -> Markup:
    """The text, escaped, with U+FFFD for characters that XML cannot carry. Markup stays as it is."""
    return value if isinstance(value, Markup) else escape(_NOT_XML.sub("\ufffd", value))


def number(value: float) -> str:
    """At most two decimals: a hundredth of a pixel is seen by nobody."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _value(value: str | float) -> Markup | str:
    return text(value) if isinstance(value, str) else number(value)
