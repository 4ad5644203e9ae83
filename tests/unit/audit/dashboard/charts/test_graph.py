"""What stands on the drawing of a workflow, and what its table says."""

from xml.etree import ElementTree

import pytest

from libs.contracts.codec import Json, JsonObject
from services.audit.dashboard.charts.graph import GraphRow, draw_graph, graph_rows


def listed(count: int) -> JsonObject:
    steps: list[Json] = [{"name": f"step_{number}", "action": "crm.sync"} for number in range(count)]
    return {"name": "long", "steps": steps}


ORDER: JsonObject = {
    "name": "order",
    "start_at": "check",
    "steps": [
        {"name": "tell", "action": "slack.post-message", "action_kind": "server", "next": []},
        {
            "name": "check",
            "action": "orders.check",
            "next": [{"step": "tell", "condition": "${state.ok}"}, {"step": "pack", "branch": "goods"}],
            "catch": [{"error_equals": ["timeout"], "next": "tell"}],
        },
        {"name": "pack", "action": "goods.pack", "each": {"items": "${state.lines}"}, "next": [{"step": "check"}]},
    ],
}


def drawn(spec: JsonObject, **how: object) -> str:
    return draw_graph(spec, lambda name: f"/steps/{name}", **how)  # type: ignore[arg-type]


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(svg).iter("text")]


def links(svg: str) -> list[tuple[str, str]]:
    """Address and title of every step."""
    return [(one.attrib["href"], one[0].text or "") for one in ElementTree.fromstring(svg).iter("a")]


def test_a_list_of_steps_is_drawn_in_its_order() -> None:
    assert graph_rows(listed(2)) == [
        GraphRow("step_0", "worker · crm.sync", "", ["step_1"]),
        GraphRow("step_1", "worker · crm.sync", "", []),
    ]


def test_edges_tell_when_they_are_followed() -> None:
    rows = {row.step: row for row in graph_rows(ORDER)}
    assert rows["check"].leads_to == ["tell (state.ok)", "pack (branch goods)", "tell (on timeout)"]
    assert rows["pack"].kind == "each · worker · goods.pack"


def test_a_run_shows_how_far_each_step_is() -> None:
    svg = drawn(ORDER, progress={"check": {"completed": 1}, "pack": {"completed": 37, "failed": 1, "running": 2}})
    assert links(svg) == [
        ("/steps/tell", "tell (server · slack.post-message): pending"),
        ("/steps/check", "check (worker · orders.check): completed"),
        ("/steps/pack", "pack (each · worker · goods.pack): 1 failed, 2 running, 37 completed"),
    ]
    assert "37 / 40" in texts(svg)
    assert 'class="step step-step is-failed"' in svg


def test_a_definition_has_no_states() -> None:
    assert "is-" not in drawn(ORDER)


def test_catches_are_told_apart_from_other_edges_and_so_are_ways_back() -> None:
    svg = drawn(ORDER)
    assert [svg.count(f'class="edge edge-{kind}"') for kind in ("next", "catch", "back")] == [2, 1, 1]


def test_a_long_condition_is_cut_and_stands_whole_in_the_title() -> None:
    condition = "state.order.total > 100 && inputs.customer.tier == 'gold'"
    spec: JsonObject = {"steps": [{"name": "a", "next": [{"step": "b", "condition": condition}]}, {"name": "b"}]}
    svg = drawn(spec)
    assert not [text for text in texts(svg) if condition in text]
    assert [one.text for one in ElementTree.fromstring(svg).iter("title")].count(condition) == 1


def test_a_long_list_is_folded_around_what_somebody_looks_for() -> None:
    progress = {f"step_{number}": {"completed": 1} for number in range(4_000)}
    svg = drawn(listed(10_000), progress={**progress, "step_4000": {"failed": 1}})
    assert links(svg) == [
        ("/steps/step_0", "step_0 … step_3999 (4,000 steps): 4,000 completed"),
        ("/steps/step_4000", "step_4000 (worker · crm.sync): failed"),
        ("/steps/step_4001", "step_4001 … step_9999 (5,999 steps): 5,999 pending"),
    ]
    assert len(svg) < 5_000


def test_a_fold_leads_to_its_first_step_in_the_state_that_it_shows() -> None:
    progress = {f"step_{number}": {"closed": 1} for number in range(500, 1_000)}
    [(href, _)] = links(drawn(listed(1_000), progress=progress))
    assert href == "/steps/step_500"


def test_thousands_side_by_side_become_one_node() -> None:
    steps: list[Json] = [{"name": "root", "next": [{"step": f"a{n}"} for n in range(90)]}]
    for number in range(90):
        steps.append({"name": f"a{number}", "next": [{"step": f"b{number}_{n}"} for n in range(90)]})
        steps += [{"name": f"b{number}_{n}", "next": [{"step": "end"}]} for n in range(90)]
    rows = graph_rows({"steps": [*steps, {"name": "end", "join": {}}]})
    assert [(row.step, row.kind) for row in rows] == [
        ("root", "step"),
        ("a0 … b89_89", "8,190 steps side by side"),
        ("end", "join · all branches"),
    ]


def test_a_thicket_that_cannot_be_folded_is_cut_and_says_how_much_is_missing() -> None:
    steps: list[Json] = [
        {"name": f"n{n}", "next": [{"step": f"n{(7 * n + k) % 3_000}", "condition": f"x == {k}"} for k in (1, 2, 3)]}
        for n in range(3_000)
    ]
    svg = drawn({"steps": steps}, most_nodes=50)
    assert len(links(svg)) == 50
    assert "2,951 steps not drawn" in texts(svg)
    assert len(svg) < 200_000


@pytest.mark.parametrize("spec", [{}, {"steps": []}, {"steps": "x"}, {"steps": [None, {"name": 3}, {}]}])
def test_what_is_no_workflow_is_an_empty_drawing(spec: JsonObject) -> None:
    assert links(drawn(spec)) == []
    assert graph_rows(spec) == []


def test_names_are_text_wherever_they_stand() -> None:
    name = '<script>alert("1")</script>'
    svg = drawn({"name": name, "steps": [{"name": name, "action": name, "next": [{"step": name, "condition": name}]}]})
    assert "<script" not in svg
    assert links(svg)[0] == (f"/steps/{name}", f"{name} (worker · {name})")
