"""The questions of one proof: which are open, which are answered, and which answers wait for others.

A question that is met inside itself, about a smaller part of the value, is taken as answered with yes: values end. The
answers that lean on it hold where they were found and deeper, and only as long as it is not answered with no.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from libs.contracts.schema_compat.facts import Case
from libs.contracts.schema_compat.gaps import Gap
from libs.contracts.schema_compat.nodes import Node

Question: TypeAlias = tuple[Case, Node]

_ANYWHERE: Final = -1


class Answers:
    """`depth` is how far inside the value a question is asked. An answer is a list of gaps; empty is yes."""

    def __init__(self) -> None:
        self._open: dict[Question, int] = {}
        self._no: dict[Question, list[Gap]] = {}
        self._yes: dict[Question, int] = {}
        self._trail: list[Question] = []
        self._leaning = 0

    def known(self, question: Question, depth: int) -> list[Gap] | None:
        """The answer, if there is one that holds here; None for an open question at the same place, too."""
        if question in self._no:
            return self._no[question]
        holds_from = self._yes.get(question)
        if holds_from is None:
            opened = self._open.get(question)
            holds_from = None if opened is None else opened + 1
        if holds_from is None or holds_from > depth:
            return None
        self._leaning += holds_from != _ANYWHERE
        return []

    def is_open(self, question: Question) -> bool:
        return question in self._open

    def ask(self, question: Question, depth: int, answered: Callable[[], list[Gap]]) -> list[Gap]:
        """Opens the question while it is being answered, and keeps the answer."""
        mark, leaning_before = len(self._trail), self._leaning
        self._open[question] = depth
        gaps: list[Gap] | None = None
        try:
            gaps = answered()
        finally:
            del self._open[question]
            if self._leaning > leaning_before and gaps != []:
                self._forget(mark)
        if gaps:
            self._no[question] = gaps
        else:
            self._yes[question] = depth if self._leaning > leaning_before else _ANYWHERE
            self._trail.append(question)
        return gaps

    def _forget(self, mark: int) -> None:
        """What was answered since then may have leaned on a question whose answer is not yes."""
        for question in self._trail[mark:]:
            self._yes.pop(question, None)
        del self._trail[mark:]
