"""The steps of a definition as rows: what the drawing shows, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.contracts.codec import Json, JsonObject
from services.audit.dashboard.charts.flow import Flow, flow_of
from services.audit.dashboard.charts.step_kinds import kind_of
from services.audit.dashboard.loose_json import words


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step. `number` is its place in the definition, from 1; `leads_to`: `notify`, `retry on timeout`; `extras`: what
    else it has, such as `retry` and `each`."""

    number: int
    name: str
    action: str | None
    kind: str
    store: str | None
    description: str | None
    leads_to: Sequence[str]
    extras: Sequence[str]

    @property
    def anchor(self) -> str:
        """Where the row stands on its page."""
        return f"step-{self.number}"


EXTRAS = ("each", "retry", "catch")


def step_rows(spec: JsonObject, first: int, count: int) -> list[StepRow]:
    """At most `count` steps from the one at the place `first` (from 0) on."""
    flow = flow_of(spec)
    names = list(flow.steps)
    leads = _leads(flow, names)
    shown = range(len(names))[first : first + count]
    return [_row(place, names[place], flow.steps[names[place]], leads[place]) for place in shown]


def numbers_of(spec: JsonObject) -> dict[str, int]:
    """The place of each step in the definition, from 1."""
    return {name: place + 1 for place, name in enumerate(flow_of(spec).steps)}


def _leads(flow: Flow, names: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in names]
    for link in flow.links:
        found[link.source].append(f"{names[link.target]}{f' ({link.label})' if link.label else ''}")
    return found


def _row(place: int, name: str, step: JsonObject, leads_to: Sequence[str]) -> StepRow:
    return StepRow(
        number=place + 1,
        name=name,
        action=_text(step.get("action")),
        kind=kind_of(step).partition(" · ")[0],
        store=_text(step.get("store")),
        description=_text(step.get("description")),
        leads_to=leads_to,
        extras=[extra for extra in EXTRAS if step.get(extra)],
    )


def _text(value: Json) -> str | None:
    return words(value) or None
