"""Cuts a plain text document into its title and its sentences.

A document is a title line, blank lines, paragraphs, headings and list items. Sentences keep the words of the
document exactly; only runs of white space become one blank, because files wrap their lines. Headings are not
sentences. A list item is cut like a paragraph, and its parts say that they came from a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_HEADING_WORDS = 12

_ITEM = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？]+[」』]*")
_CLOSED = re.compile(r"[.!?…。！？][\"'”’»)\]」』]*$")
_LAST_WORD = re.compile(r"(\S+)$")
# Shortened words that are usually followed by the rest of their sentence.
_SHORTENED = frozenset("dr mr mrs ms prof st no nr vol fig approx ca cf vs e.g i.e etc a.m p.m z.b bzw usw d.h".split())


@dataclass(frozen=True)
class Block:
    """One paragraph, heading or list item: `text` has single blanks, `is_item` tells the list items."""

    text: str
    is_item: bool = False

    @property
    def is_heading(self) -> bool:
        return not self.is_item and not _CLOSED.search(self.text) and len(self.text.split()) <= MAX_HEADING_WORDS


@dataclass(frozen=True)
class Sentence:
    """One sentence: `index` counts from 0 over the whole document."""

    index: int
    text: str
    from_list: bool

    @property
    def words(self) -> int:
        return count_words(self.text)


def count_words(text: str) -> int:
    """How many words a reader would count: runs of characters between white space."""
    return len(text.split())


def title_of(text: str) -> str:
    """The first heading of the document, or its first sentence when it opens with prose; "" when it is empty."""
    first = next(blocks(text), None)
    if first is None:
        return ""
    return first.text if first.is_heading else next(iter(_cut(first.text)), first.text)


def sentences(text: str) -> list[Sentence]:
    """The sentences of the document in order, without its headings. A document of headings only gives them."""
    found = list(blocks(text))
    prose = [block for block in found if not block.is_heading] or found
    parts = [(part, block.is_item) for block in prose for part in _cut(block.text)]
    return [Sentence(index, part, from_list) for index, (part, from_list) in enumerate(parts)]


def blocks(text: str) -> Iterator[Block]:
    """Paragraphs, headings and list items in order."""
    lines: list[str] = []
    is_item = False
    for line in [*text.splitlines(), ""]:
        starts_item = bool(_ITEM.match(line))
        if lines and (starts_item or not line.strip()):
            yield Block(" ".join(lines), is_item)
            lines, is_item = [], False
        if line.strip():
            is_item = is_item or starts_item
            lines.append(" ".join(_ITEM.sub("", line).split()))


def _cut(text: str) -> Iterator[str]:
    start = 0
    for match in _END.finditer(text):
        if _ends_sentence(text, match):
            yield text[start : match.end()].strip()
            start = match.end()
    if rest := text[start:].strip():
        yield rest


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    following = text[match.end() :].lstrip()
    if not following:
        return True
    if following[0].islower():
        return False
    return match.group()[0] != "." or not _is_shortened(text[: match.start()])


def _is_shortened(before: str) -> bool:
    last = _LAST_WORD.search(before)
    word = last.group(1).lstrip("(\"'“„»").casefold() if last else ""
    return word in _SHORTENED or (len(word) == 1 and word.isalpha())
