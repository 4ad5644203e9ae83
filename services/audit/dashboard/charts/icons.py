"""A sign for each state, so that nobody depends on its colour: drawn in a circle of 18 pixels around the middle."""

from collections.abc import Mapping

from markupsafe import Markup

from services.audit.dashboard.charts.progress import StepState
from services.audit.dashboard.charts.svg import element

RADIUS = 9.0

_SIGNS: Mapping[StepState, str] = {
    "pending": "",
    "scheduled": "M0-4.5V0H3.5",
    "running": "M-2.5-4 4.5 0-2.5 4Z",
    "completed": "M-4 .5-1 3.5 4.5-3",
    "failed": "M-3.5-3.5 3.5 3.5M3.5-3.5-3.5 3.5",
    "closed": "M-4 0H4",
}


def icon(state: StepState, x: float, y: float) -> Markup:
    """The sign, with its middle at (x, y)."""
    sign = _SIGNS[state]
    return element(
        "g",
        {"class": "icon", "transform": f"translate({x:g} {y:g})"},
        element("circle", {"r": RADIUS}),
        element("path", {"d": sign}) if sign else "",
    )
