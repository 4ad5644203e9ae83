"""Names and values as addresses and forms have them."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from libs.chassis.decider import Rejected
from libs.chassis.http.errors import bad_request


def read_pairs(text: str, where: str, most: int) -> Sequence[tuple[str, str]] | Rejected:
    """In their order, also those without a value. `where` says in a refusal what was read: `query`, `form`."""
    try:
        text.encode()  # bytes that are no UTF-8 stand in a text as surrogates
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=most)
    except UnicodeError:
        return bad_request(f"expected UTF-8 in the {where}, but it is not")
    except ValueError:
        return bad_request(f"expected at most {most} parameters in the {where}, but there are more")
    if any("\x00" in name or "\x00" in value for name, value in pairs):
        return bad_request(f"expected text without NUL characters in the {where}, but there is one")
    return pairs
