"""`ETag` and `If-Match`: a change says which state it was meant for, and loses to nobody's change unseen.

A tag names one state of one thing for ever, for example by its id and version. Answers carry it in `ETag`; a handler
reads what the caller knows with `wanted_tags` and hands that on to the decision, which compares it with the state that
it decides by (`libs.chassis.decider.outdated`): anything earlier could be overtaken.
"""

import re
from collections.abc import Mapping, Sequence, Set

from libs.chassis.decider import Rejected
from libs.chassis.http.errors import bad_request

_LISTED = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"(?:[ \t]*,[ \t]*(?:W/)?"[\x21\x23-\x7e]*")*')
_STRONG = re.compile(r'(W/)?"([^"]*)"')


def etag(tag: str) -> Mapping[str, str]:
    """The header of an answer that shows the state with this tag."""
    return {"ETag": f'"{tag}"'}


def wanted_tags(lines: Sequence[str]) -> Set[str] | None | Rejected:
    """The tags that a change is meant for; None: whatever there is (no `If-Match`, or `*`). Weak tags match nothing.

    `lines` are those of `If-Match`; several are one list (RFC 9110, 5.3)."""
    given = ", ".join(line.strip() for line in lines)
    if not lines or given == "*":
        return None
    if not _LISTED.fullmatch(given):
        sentence = 'expected If-Match to be * or entity tags like "a", "b", but it is not'
        return bad_request(sentence, "header.If-Match")
    return frozenset(tag for weak, tag in _STRONG.findall(given) if not weak)
