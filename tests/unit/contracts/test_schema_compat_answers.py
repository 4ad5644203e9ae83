"""Answers that lean on an open question: where they hold, and when they fall."""

import pytest

from libs.contracts.schema_compat.answers import Answers, Question
from libs.contracts.schema_compat.facts import Case
from libs.contracts.schema_compat.gaps import Gap, Kind
from libs.contracts.schema_compat.nodes import Document
from libs.contracts.schema_validators import Validators

NO = [Gap("", "", Kind.UNCLEAR)]


@pytest.fixture
def questions() -> tuple[Question, Question]:
    """An outer one, and one inside it."""
    root = Document(Validators({}))
    return (Case(), root.node("")), (Case(keys=frozenset({"a"})), root.node(""))


@pytest.mark.parametrize("outer_answer", [[], NO])
def test_an_answer_that_leans_on_another_falls_with_it(
    questions: tuple[Question, Question], outer_answer: list[Gap]
) -> None:
    answers, (outer, inner) = Answers(), questions

    def answer_outer() -> list[Gap]:
        assert answers.ask(inner, 1, lambda: answers.known(outer, 2) or []) == []
        assert answers.known(inner, 1) == []
        return outer_answer

    answers.ask(outer, 0, answer_outer)
    assert answers.known(inner, 1) == (None if outer_answer else [])


def test_an_answer_that_leans_on_another_does_not_hold_further_out(questions: tuple[Question, Question]) -> None:
    answers, (outer, inner) = Answers(), questions

    def answer_outer() -> list[Gap]:
        answers.ask(inner, 1, lambda: answers.known(outer, 2) or [])
        assert answers.known(inner, 0) is None
        return []

    answers.ask(outer, 0, answer_outer)


def test_what_uses_a_leaning_answer_leans_too(questions: tuple[Question, Question]) -> None:
    answers, (outer, inner) = Answers(), questions
    third = (Case(keys=frozenset({"b"})), outer[1])

    def answer_outer() -> list[Gap]:
        answers.ask(inner, 1, lambda: answers.known(outer, 2) or [])
        answers.ask(third, 1, lambda: answers.known(inner, 2) or [])
        assert answers.known(third, 0) is None
        return NO

    answers.ask(outer, 0, answer_outer)
    assert answers.known(third, 1) is None


def test_an_open_question_is_no_answer_at_its_own_place(questions: tuple[Question, Question]) -> None:
    answers, (outer, _) = Answers(), questions

    def answer_outer() -> list[Gap]:
        assert answers.known(outer, 0) is None
        assert answers.is_open(outer)
        return []

    answers.ask(outer, 0, answer_outer)
    assert not answers.is_open(outer)


def test_what_leans_on_nothing_holds_anywhere_and_a_no_stays(questions: tuple[Question, Question]) -> None:
    answers, (outer, inner) = Answers(), questions
    answers.ask(inner, 3, list)
    answers.ask(outer, 0, lambda: NO)
    assert answers.known(inner, 0) == []
    assert answers.known(outer, 5) == NO


def test_an_answer_that_was_given_up_is_none(questions: tuple[Question, Question]) -> None:
    answers, (outer, inner) = Answers(), questions

    def gives_up() -> list[Gap]:
        answers.ask(inner, 1, lambda: answers.known(outer, 2) or [])
        raise TimeoutError

    with pytest.raises(TimeoutError):
        answers.ask(outer, 0, gives_up)
    assert answers.known(outer, 1) is None
    assert answers.known(inner, 1) is None
