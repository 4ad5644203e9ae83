"""Drawings of random workflows: sound XML, nothing on top of anything, nothing missing, always the same."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.codec import Json, JsonObject
from services.audit.dashboard.charts.flow import flow_of
from services.audit.dashboard.charts.folding import LINKS_DRAWN, picture_of
from services.audit.dashboard.charts.graph import draw_graph, graph_rows
from services.audit.dashboard.charts.layout import NODE_HEIGHT, NODE_WIDTH, laid_out
from services.audit.dashboard.charts.progress import URGENCY, Counts

HOSTILE = st.text(min_size=1, max_size=6) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '" onload="x',
        "]]>",
        "</title><script>",
        "&lt;",
        "\x00\x1b",
        "\ud800",
        "\u202ex",
        "名" * 60,
    ]
)
COUNTS: st.SearchStrategy[Counts] = st.dictionaries(st.sampled_from(URGENCY), st.integers(0, 3_000), max_size=6)


@st.composite
def specs(draw: st.DrawFn, most_steps: int = 12) -> JsonObject:
    """Anything between a list and a thicket: loops, cycles, catches, names that mean harm, edges to nowhere."""
    names = draw(st.lists(HOSTILE, min_size=1, max_size=most_steps, unique=True))
    targets = st.sampled_from([*names, "nowhere"])
    edge = st.fixed_dictionaries({"step": targets}, optional={"condition": HOSTILE, "branch": HOSTILE})
    catch = st.fixed_dictionaries({"next": targets, "error_equals": st.lists(HOSTILE, max_size=2)})
    step: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {"action": HOSTILE},
        optional={
            "next": st.none() | st.lists(edge, max_size=4),
            "catch": st.lists(catch, max_size=2),
            "each": st.just({"items": []}),
            "wait_signal": st.fixed_dictionaries({"topic": HOSTILE, "on_timeout": targets}),
        },
    )
    steps: list[Json] = [{"name": name, **draw(step)} for name in names]
    return {"name": draw(HOSTILE), "start_at": draw(targets), "steps": steps}


PROGRESS = st.none() | st.dictionaries(HOSTILE, COUNTS, max_size=12)


@given(specs(), PROGRESS, st.integers(3, 30))
def test_every_drawing_is_sound_and_holds_only_what_we_write(
    spec: JsonObject, progress: Mapping[str, Counts] | None, most_nodes: int
) -> None:
    svg = draw_graph(spec, lambda name: f"#{name}", progress, most_nodes=most_nodes)
    tree = ElementTree.fromstring(svg)
    tags = {one.tag for one in tree.iter()}
    attributes = {name for one in tree.iter() for name in one.attrib}
    assert tags <= {"svg", "title", "desc", "g", "a", "rect", "circle", "path", "text"}
    assert not {name for name in attributes if name == "style" or name.startswith("on")}
    assert svg == draw_graph(spec, lambda name: f"#{name}", progress, most_nodes=most_nodes)


@given(specs(), st.integers(3, 30), st.data())
def test_every_step_is_in_one_node_and_links_end_at_nodes(
    spec: JsonObject, most_nodes: int, data: st.DataObject
) -> None:
    flow = flow_of(spec)
    sought = data.draw(st.sets(st.sampled_from(sorted(flow.steps))))
    picture = picture_of(flow, sought, most_nodes)
    assert sorted(name for group in picture.groups for name in group.names) == sorted(flow.steps)
    assert len(picture.groups) <= most_nodes
    assert all(0 <= end < len(picture.groups) for link in picture.links for end in link[:2])
    place = {name: number for number, group in enumerate(picture.groups) for name in group.names}
    names = list(flow.steps)
    drawn = {(link.source, link.target, link.kind) for link in picture.links}
    for link in flow.links:
        ends = place[names[link.source]], place[names[link.target]]
        assert ends[0] == ends[1] or (*ends, link.kind) in drawn
    assert len(graph_rows(spec, most_nodes=most_nodes)) <= most_nodes


@given(specs())
def test_no_node_lies_on_another_and_every_link_has_its_way(spec: JsonObject) -> None:
    picture = picture_of(flow_of(spec))
    layout = laid_out(picture)
    corners = sorted(layout.nodes, key=lambda corner: (corner.y, corner.x))
    for before, after in pairwise(corners):
        assert after.x >= before.x + NODE_WIDTH if after.y == before.y else after.y >= before.y + NODE_HEIGHT
    assert all(corner.x >= 0 and corner.x + NODE_WIDTH <= layout.width for corner in corners)
    assert len(layout.paths) + len(layout.back) == len(picture.links) <= LINKS_DRAWN + 2 * len(picture.groups)
    for path in layout.paths:
        heights = [
            layout.nodes[path.link.source].y,
            *(bend.top for bend in path.bends),
            layout.nodes[path.link.target].y,
        ]
        assert heights == sorted(heights)
    for one in layout.paths:
        for other in layout.paths:
            if one is not other and one.label and other.label and one.bends[0].top == other.bends[0].top:
                assert one.bends[0].x != other.bends[0].x
