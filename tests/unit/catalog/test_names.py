import pytest

from services.catalog.domain.names import action_name_problem, handle_problem


@pytest.mark.parametrize("name", ["a", "7", "summarize-document", "a--b", "0-0", "x" * 63])
def test_a_good_name_has_no_problem(name: str) -> None:
    assert action_name_problem(name) is None
    assert handle_problem(name) is None


@pytest.mark.parametrize(
    "name", ["", "-", "a-", "-a", "A", "Summarize", "a b", "a_b", "a.b", "slack.post-message", "é", "a\n", "a/b", "٣"]
)
def test_other_characters_are_refused(name: str) -> None:
    problem = action_name_problem(name)

    assert problem == f"expected lower-case letters, digits and inner hyphens, but got {name!r}"


@pytest.mark.parametrize("length", [64, 300, 100_000])
def test_a_long_name_is_refused_without_repeating_it(length: int) -> None:
    assert action_name_problem("x" * length) == f"expected at most 63 characters, but it has {length}"


@pytest.mark.parametrize("name", ["mobius.", "mobius.x", "mobius.Send It"])
def test_the_platforms_names_are_reserved_with_a_sentence_of_their_own(name: str) -> None:
    assert "that is for the platform" in (action_name_problem(name) or "")


def test_a_name_that_only_begins_like_the_platforms_is_fine() -> None:
    assert action_name_problem("mobius-x") is None


def test_a_name_that_a_path_needs_is_reserved_for_actions_only() -> None:
    assert action_name_problem("catalog") == "expected another name, but catalog is reserved"
    assert handle_problem("catalog") is None
