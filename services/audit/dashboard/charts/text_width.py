"""How wide a text will be, guessed without its font, and how to cut it so that it fits."""

from unicodedata import combining, east_asian_width

ELLIPSIS = "…"
_NARROW = frozenset("iljtfrI.,:;'|!()[]{}-/\\ ")
_BROAD = frozenset("mwMW@%…—")


BOLD = 1.12
"""How much wider bold letters are: to be multiplied with the size."""


def width_of(text: str, size: float) -> float:
    """Pixels that the text takes in a sans-serif font of `size` pixels, rather too many than too few."""
    return size * sum(map(_em, text))


def fitted(text: str, room: float, size: float) -> str:
    """The text, or as much of its beginning as fits into `room` pixels, with an ellipsis."""
    left = room
    for index, letter in enumerate(text):
        left -= size * _em(letter)
        if left < 0:
            return _cut(text[:index], room - size * _em(ELLIPSIS), size)
    return text


def _cut(text: str, room: float, size: float) -> str:
    while text and width_of(text, size) > room:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def _em(letter: str) -> float:
    if letter in _NARROW:
        return 0.36
    if letter in _BROAD:
        return 0.92
    if letter.isascii():
        return 0.68 if letter.isupper() else 0.58
    if combining(letter):
        return 0
    return 1.1 if east_asian_width(letter) in "WF" else 0.72
