"""One node of a graph as SVG: a card with the step's name and kind and, in a run, how far it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from libs.contracts.codec import JsonObject
from services.audit.dashboard.charts.icons import icon
from services.audit.dashboard.charts.layout import NODE_HEIGHT, NODE_WIDTH
from services.audit.dashboard.charts.picture import Group, name_of, size_of
from services.audit.dashboard.charts.progress import URGENCY, Counts, done_text, state_of, states_text
from services.audit.dashboard.charts.step_kinds import kind_of
from services.audit.dashboard.charts.svg import NOTHING, element, number
from services.audit.dashboard.charts.text_width import BOLD, fitted, width_of

NAME_SIZE, DETAIL_SIZE = 13.0, 12.0
INSET = 14.0
BESIDE_ICON = 38.0
CORNER = 10.0
BAR_HEIGHT = 4.0
TITLE_CHARACTERS = 300
"""Of names and kinds in a title; a name has 128, a message or a reason may have thousands."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a node shows. `counts` is None in a picture of a definition, which has no states."""

    group: Group
    kind: str
    counts: Counts | None
    each: bool

    @property
    def title(self) -> str:
        """Everything about it in one line."""
        named = " ".join(f"{name_of(self.group)} ({self.kind})".split())[:TITLE_CHARACTERS]
        return named if self.counts is None else f"{named}: {states_text(self.counts)}"


def card_of(group: Group, steps: Mapping[str, JsonObject], counts: Counts | None) -> Card:
    """The card of a step, or of the many that a node stands for."""
    if group.form == "step":
        step = steps[group.names[0]]
        return Card(group, kind_of(step), counts, bool(step.get("each")))
    return Card(group, size_of(group), counts, False)


def node(card: Card, x: float, y: float, href: str) -> Markup:
    """The card with its top left corner at (x, y), as a link."""
    state = None if card.counts is None else state_of(card.counts)
    classes = " ".join(["step", f"step-{card.group.form}", *([f"is-{state}"] if state else [])])
    return element(
        "a",
        {"href": href, "class": classes, "transform": f"translate({number(x)} {number(y)})"},
        element("title", {}, card.title),
        *_boxes(card),
        icon(state, INSET + 9, NODE_HEIGHT / 2) if state else NOTHING,
        *_texts(card),
        *(_bar(card.counts) if card.counts and sum(card.counts.values()) > 1 else ()),
    )


def _boxes(card: Card) -> Iterator[Markup]:
    """A second card looks out from behind what stands for several."""
    size: dict[str, str | float | None] = {"width": NODE_WIDTH, "height": NODE_HEIGHT, "rx": CORNER}
    if card.each or card.group.form != "step":
        yield element("rect", {"class": "box behind", "x": 4, "y": 4, **size})
    yield element("rect", {"class": "box", **size})


def _texts(card: Card) -> Iterator[Markup]:
    left = INSET if card.counts is None else BESIDE_ICON
    done = "" if card.counts is None else done_text(card.counts)
    room = NODE_WIDTH - left - INSET
    taken = width_of(done, DETAIL_SIZE) + 8 if done else 0
    yield _text("name", left, 26, fitted(name_of(card.group), room, NAME_SIZE * BOLD))
    yield _text("kind", left, 44, fitted(card.kind, room - taken, DETAIL_SIZE))
    if done:
        yield _text("done", NODE_WIDTH - INSET, 44, done)


def _text(part: str, x: float, y: float, words: str) -> Markup:
    return element("text", {"class": part, "x": x, "y": y}, words)


def _bar(counts: Counts) -> Iterator[Markup]:
    """How much of it is in which state, along the lower edge."""
    length, total = NODE_WIDTH - 2 * CORNER, sum(counts.values())
    x = CORNER
    for state in reversed(URGENCY):
        if share := length * counts.get(state, 0) / total:
            size: dict[str, str | float | None] = {"width": share, "height": BAR_HEIGHT}
            yield element("rect", {"class": f"share is-{state}", "x": x, "y": NODE_HEIGHT - BAR_HEIGHT - 4, **size})
            x += share
