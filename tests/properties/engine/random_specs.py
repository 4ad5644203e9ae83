"""Random workflows of action steps: graphs, conditions, branches, templates and values."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from libs.contracts.codec import Json

Document = dict[str, Any]

VARIABLES = ("a", "b", "c")
INPUTS = ("x", "y")
BRANCHES = ("left", "right")

SCALARS: st.SearchStrategy[Json] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.integers(-4_000, 4_000).map(lambda number: number / 4),
    st.text(st.characters(codec="utf-8", exclude_characters="$\0"), max_size=6),
)
VALUES: st.SearchStrategy[Json] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("pqr"), inner, max_size=3),
    max_leaves=6,
)


@dataclass(frozen=True)
class Case:
    """A workflow and what a run of it is given."""

    spec: Document
    inputs: Document


@st.composite
def cases(draw: st.DrawFn, loops: bool = False) -> Case:
    """A workflow that passes every check; with `loops` some edges lead back."""
    count = draw(st.integers(1, 6))
    stores = draw(st.lists(st.sampled_from([*VARIABLES, None]), min_size=count, max_size=count))
    state = draw(st.dictionaries(st.sampled_from(VARIABLES), VALUES, max_size=2))
    known = sorted({*state, *(store for store in stores if store)})
    steps = [draw(_steps(number, stores[number], known)) for number in range(count)]
    if draw(st.booleans()) or loops:
        _link(draw, steps, known, loops)
    outputs = [{"name": f"o{number}", "variable": name, **draw(_branch_of(steps))} for number, name in enumerate(known)]
    spec: Document = {"name": "random", "steps": [*steps], "state": state, "outputs": [*outputs]}
    return Case(spec, draw(st.dictionaries(st.sampled_from(INPUTS), VALUES)))


@st.composite
def _steps(draw: st.DrawFn, number: int, store: str | None, known: list[str]) -> Document:
    step: Document = {"name": f"s{number}", "action": "work"}
    if store:
        step["store"] = store
    if draw(st.booleans()):
        step["action_kind"] = draw(st.sampled_from(["worker", "server"]))
    if draw(st.booleans()):
        step["edge_matching_strategy"] = draw(st.sampled_from(["all", "first"]))
    if draw(st.booleans()):
        step["parameters"] = draw(st.dictionaries(st.sampled_from("pqr"), _templates(known), max_size=3))
    return step


def _link(draw: st.DrawFn, steps: list[Document], known: list[str], loops: bool) -> None:
    """Gives every step but the first an edge from an earlier one, and some more edges."""
    edges: list[list[Json]] = [[] for _ in steps]
    for target in range(1, len(steps)):
        edges[draw(st.integers(0, target - 1))].append(draw(_edges(target, known)))
    for _ in range(draw(st.integers(0, 3))):
        source = draw(st.integers(0, len(steps) - 1))
        first = 0 if loops else source + 1
        if first < len(steps):
            edges[source].append(draw(_edges(draw(st.integers(first, len(steps) - 1)), known)))
    for step, outbound in zip(steps, edges, strict=True):
        step["next"] = outbound


@st.composite
def _edges(draw: st.DrawFn, target: int, known: list[str]) -> Document:
    edge: Document = {"step": f"s{target}"}
    if draw(st.booleans()):
        condition = draw(_conditions(known))
        edge["condition"] = draw(st.sampled_from([condition, f"${{{condition}}}"]))
    if draw(st.integers(0, 3)) == 0:
        edge["branch"] = draw(st.sampled_from(BRANCHES))
    return edge


def _references(known: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from([*(f"inputs.{name}" for name in INPUTS), *(f"state.{name}" for name in known)])


def _conditions(known: list[str]) -> st.SearchStrategy[str]:
    """Mostly safe ones: a condition without an answer ends the run."""
    forms = [
        "true",
        "true",
        "false",
        "has({0})",
        "!has({0})",
        "has({0}) && {0} == 1",
        "has({0}) || true",
        "{0} > 0",
        "{0}",
    ]
    return st.builds(lambda form, name: form.format(name), st.sampled_from(forms), _references(known))


def _expressions(known: list[str]) -> st.SearchStrategy[str]:
    forms = ["1 + 2", "run.id", "run.workflow + '!'", "has({0})", "has({0}) ? 1 : 2.5", "{0}", "{0} + 1", "[1, 2.5][1]"]
    return st.builds(lambda form, name: form.format(name), st.sampled_from(forms), _references(known))


def _templates(known: list[str]) -> st.SearchStrategy[Json]:
    alone = _expressions(known).map(lambda expression: f"${{{expression}}}")
    among = st.builds(lambda left, one, right: f"{left} ${{{one}}}-$${{x}}{right}", _PLAIN, _expressions(known), _PLAIN)
    return st.recursive(
        st.one_of(alone, among, _PLAIN, SCALARS),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("pqr"), inner, max_size=2),
        max_leaves=4,
    )


_PLAIN: st.SearchStrategy[Json] = st.text(st.sampled_from("abc $-ü"), max_size=5).filter(
    lambda text: not text.endswith("$")
)


def _branch_of(steps: list[Document]) -> st.SearchStrategy[dict[str, str]]:
    found = {edge["branch"] for step in steps for edge in step.get("next", []) if "branch" in edge}
    return st.sampled_from([{}, *({"branch": branch} for branch in sorted(found))])
