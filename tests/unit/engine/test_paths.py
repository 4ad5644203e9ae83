"""Which steps follow which: list order, edges with conditions, and the paths that branch off."""

import pytest

from libs.contracts.codec import Json, JsonObject
from libs.contracts.events.engine import Follow
from services.engine.domain.limits import PATH_DEPTH
from services.engine.domain.run_state import PathCounts
from tests.unit.engine.live_run import LiveRun, completion, edge, end, failure, spec, started, step


def followed(run: LiveRun, name: str, result: Json = None, path: str = "main") -> list[tuple[str, str]]:
    return [(one.path, one.step) for one in completion(run.complete(name, result, path)).follow]


def test_without_edges_steps_run_in_list_order() -> None:
    run = started(spec(step("a"), step("b"), step("c")))

    assert followed(run, "a") == [("main", "b")]
    assert followed(run, "b") == [("main", "c")]
    assert followed(run, "c") == []
    assert run.state.status == "completed"


def test_with_any_edge_the_order_of_the_list_means_nothing() -> None:
    run = started(spec(step("a", next=[edge("c")]), step("b"), step("c", next=[edge("b")])))

    assert followed(run, "a") == [("main", "c")]
    assert followed(run, "c") == [("main", "b")]
    assert followed(run, "b") == []


FORK: list[Json] = [edge("b"), edge("c", "inputs.n > 1"), edge("d", "inputs.n > 2", branch="side")]
LEAVES = [step("b"), step("c"), step("d")]


@pytest.mark.parametrize(
    ("strategy", "n", "expected"),
    [
        ("all", 1, [("main", "b")]),
        ("all", 2, [("main", "b"), ("main/1", "c")]),
        ("all", 3, [("main", "b"), ("main/1", "c"), ("side", "d")]),
        ("first", 3, [("main", "b")]),
    ],
)
def test_matching_edges_are_followed(strategy: str, n: int, expected: list[tuple[str, str]]) -> None:
    run = started(spec(step("a", next=FORK, edge_matching_strategy=strategy), *LEAVES), {"n": n})

    assert followed(run, "a") == expected
    assert run.open_steps == set(expected)
    assert run.state.path_counts == PathCounts(working=len(expected))


@pytest.mark.parametrize(("n", "expected"), [(5, [("main", "b")]), (1, [("main", "c")]), (0, [])])
def test_first_takes_the_first_that_holds(n: int, expected: list[tuple[str, str]]) -> None:
    edges: list[Json] = [edge("b", "${inputs.n > 2}"), edge("c", "inputs.n > 0"), edge("b", "inputs.n > 9", branch="x")]
    run = started(spec(step("a", next=edges, edge_matching_strategy="first"), step("b"), step("c")), {"n": n})

    assert followed(run, "a") == expected


def test_first_does_not_ask_what_comes_after() -> None:
    edges: list[Json] = [edge("b", "true"), edge("b", "inputs.nowhere")]
    run = started(spec(step("a", next=edges, edge_matching_strategy="first"), step("b")))

    assert followed(run, "a") == [("main", "b")]


def test_no_matching_edge_ends_the_path() -> None:
    run = started(spec(step("a", next=[edge("b", "false")]), step("b")))

    assert followed(run, "a") == []
    assert run.state.status == "completed"


def test_when_every_edge_has_a_branch_the_own_path_ends() -> None:
    run = started(spec(step("a", next=[edge("b", branch="x"), edge("b", branch="y")]), step("b")))

    assert followed(run, "a") == [("x", "b"), ("y", "b")]
    assert run.state.path_counts == PathCounts(working=2, completed=1)


def test_the_run_goes_on_until_every_path_has_ended() -> None:
    run = started(spec(step("a", next=[edge("b"), edge("c")]), step("b"), step("c")))
    run.complete("a")

    run.complete("c", path="main/1")
    assert "run.completed" not in run.types
    run.complete("b")
    assert run.types[-1] == "run.completed"
    assert run.types.count("run.completed") == 1


def test_a_condition_sees_what_the_step_has_stored() -> None:
    edges: list[Json] = [edge("b", "state.score > 0.5"), edge("c", "state.score <= 0.5")]
    flow = spec(step("a", store="score", next=edges), step("b"), step("c"))

    assert followed(started(flow), "a", 0.75) == [("main", "b")]
    assert followed(started(flow), "a", 0.25) == [("main", "c")]


def test_paths_have_copies_of_the_state() -> None:
    flow = spec(
        step("a", store="v", next=[edge("b"), edge("c", branch="side")]),
        step("b", store="v", next=[edge("d")]),
        step("c", next=[edge("d")]),
        step("d", parameters={"v": "${state.v}"}),
    )
    run = started(flow)
    run.complete("a", "before")
    run.complete("b", "changed")
    run.complete("c", path="side")

    assert {(one.path, one.parameters["v"]) for one in run.scheduled if one.step == "d"} == {
        ("main", "changed"),
        ("side", "before"),
    }


def test_a_path_hands_on_its_own_state() -> None:
    flow = spec(
        step("a", next=[edge("b", branch="side"), edge("d")]),
        step("b", store="v", next=[edge("c", branch="deeper")]),
        step("c", parameters={"v": "${state.v}"}),
        step("d", store="v"),
    )
    run = started(flow)
    run.complete("a")
    run.complete("d", "of main")
    run.complete("b", "of side", path="side")

    assert [one.parameters for one in run.scheduled if one.path == "deeper"] == [{"v": "of side"}]


def test_paths_without_a_name_are_numbered_on() -> None:
    run = started(spec(step("a", next=[edge("a"), edge("b"), edge("b")]), step("b")))

    assert followed(run, "a") == [("main", "a"), ("main/1", "b"), ("main/2", "b")]
    assert followed(run, "a") == [("main", "a"), ("main/3", "b"), ("main/4", "b")]


def test_a_branch_that_began_before_goes_on_numbered() -> None:
    run = started(spec(step("a", next=[edge("a"), edge("b", branch="x"), edge("b", branch="x")]), step("b")))

    assert followed(run, "a") == [("main", "a"), ("x", "b"), ("x/1", "b")]
    assert followed(run, "a") == [("main", "a"), ("x/2", "b"), ("x/3", "b")]


def test_a_branch_and_its_own_children_do_not_collide() -> None:
    flow = spec(
        step("a", next=[edge("b", branch="x"), edge("b", branch="x")]),
        step("b", next=[edge("c"), edge("c")]),
        step("c"),
    )
    run = started(flow)
    assert followed(run, "a") == [("x", "b"), ("x/1", "b")]
    assert followed(run, "b", path="x") == [("x", "c"), ("x/2", "c")]
    assert followed(run, "b", path="x/1") == [("x/1", "c"), ("x/1/1", "c")]


def test_a_step_that_is_reached_again_counts_its_attempts_on() -> None:
    run = started(spec(step("a", store="n", next=[edge("a", "state.n < 3"), edge("b", "state.n >= 3")]), step("b")))
    for n in (1, 2, 3):
        run.complete("a", n)

    assert [(one.step, one.attempt) for one in run.scheduled] == [("a", 1), ("a", 2), ("a", 3), ("b", 1)]
    assert len({one.invocation_id for one in run.scheduled}) == 4


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ("inputs.nowhere", "inputs.nowhere is missing"),
        ("inputs.n", "expected inputs.n to be true or false, but it is int"),
    ],
)
def test_a_condition_without_an_answer_fails_the_step(condition: str, sentence: str) -> None:
    run = started(spec(step("a", next=[edge("b", condition)]), step("b")), {"n": 1})
    invocation = run.open("a").invocation_id
    failed = failure(run.complete("a", "result"))

    assert (failed.error_type, failed.invocation_id) == ("expression_error", invocation)
    assert sentence in failed.error_message
    assert failed.details == {"expression": condition}
    assert run.types[-2:] == ["step.failed", "run.failed"]


def test_paths_do_not_nest_without_end() -> None:
    run = started(
        spec(step("a", next=[edge("b", branch="x"), edge("a")]), step("b", next=[edge("c"), edge("b")]), step("c"))
    )
    run.complete("a")
    path = "x"
    for _ in range(PATH_DEPTH):
        completed = completion(run.complete("b", path=path))
        path = next(one.path for one in completed.follow if one.step == "b")
    failed = failure(run.complete("b", path=path))

    assert failed.error_type == "fatal_error"
    assert f"at most {PATH_DEPTH} deep" in failed.error_message


def test_outputs_are_taken_from_their_branches() -> None:
    outputs: list[Json] = [
        {"name": "summary", "variable": "s"},
        {"name": "check", "variable": "c", "branch": "side"},
        {"name": "never", "variable": "c"},
        {"name": "nowhere", "variable": "s", "branch": "other"},
    ]
    edges: list[Json] = [edge("b"), edge("c", branch="side"), edge("c", "false", branch="other")]
    flow = spec(step("a", store="s", next=edges), step("b"), step("c", store="c"), outputs=outputs)
    run = started(flow)
    run.complete("a", {"text": "Short.", "score": 1.0})
    run.complete("b")
    run.complete("c", [1, None], path="side")

    ended: JsonObject = {
        "summary": {"text": "Short.", "score": 1.0},
        "check": [1, None],
        "never": None,
        "nowhere": None,
    }
    assert end(run).type == "run.completed"
    assert run.state.ending is not None
    assert run.state.ending.outputs == ended


@pytest.mark.parametrize("result", ["x" * 262_144, 2**70])
def test_outputs_that_cannot_be_carried_fail_the_run(result: Json) -> None:
    run = started(spec(step("a", store="v"), outputs=[{"name": "v", "variable": "v"}]))
    run.complete("a", result)

    assert run.state.ending is not None
    assert (run.state.status, run.state.ending.error_type) == ("failed", "run_failed")


def test_follow_carries_the_decision() -> None:
    run = started(spec(step("a", next=[edge("b", "inputs.yes")]), step("b")), {"yes": True})

    assert completion(run.complete("a")).follow == [Follow(path="main", step="b")]
