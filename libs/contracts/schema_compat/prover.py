"""Shows that every value that fits one set of schemas fits another schema, or tells what is in the way.

The proof goes down both sides together. What it cannot show, it does not show: an answer without gaps is certain, an
answer with gaps may only mean that the schemas are too different to be compared by their form.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from libs.contracts.codec import Json
from libs.contracts.schema_compat.answers import Answers
from libs.contracts.schema_compat.array_rules import ARRAY_RULES
from libs.contracts.schema_compat.budget import TooIntricate, Work
from libs.contracts.schema_compat.choice_rules import CHOICE_RULES
from libs.contracts.schema_compat.facts import NUMBERS, Case, Facts
from libs.contracts.schema_compat.gaps import Gap, Kind
from libs.contracts.schema_compat.nodes import Node
from libs.contracts.schema_compat.object_rules import OBJECT_RULES
from libs.contracts.schema_compat.proof import Demand
from libs.contracts.schema_compat.sameness import Sameness
from libs.contracts.schema_compat.scalar_rules import SCALAR_RULES, value_gap

MAX_NESTED: Final = 80
"""Questions inside each other. Each takes about eight frames of the interpreter's thousand."""
_RULES: Final = {**SCALAR_RULES, **ARRAY_RULES, **OBJECT_RULES, **CHOICE_RULES}
_ASIDE: Final = frozenset({"then", "else", "minContains", "maxContains"})
"""Looked at together with `if` and `contains`."""
_UNCHANGED: Final = {
    "anyOf": ("anyOf",),
    "oneOf": ("oneOf",),
    "not": ("not",),
    "if": ("if", "then", "else"),
    "contains": ("contains", "minContains", "maxContains"),
}
"""Keywords that hold because the same words stand on the other side."""
_TELLING: Final = frozenset({"anyOf", "oneOf", "not", "if"})


class Prover:
    """One comparison. Its work is bounded; `TooIntricate` comes out when that is not enough."""

    def __init__(self, work: Work) -> None:
        self.same = Sameness(work)
        self._work = work
        self._depth = 0
        self._facts: dict[Case, Facts] = {}
        self._impossible: dict[Case, bool] = {}
        self._answers = Answers()
        self._nested = 0

    def part(self, case: Case, node: Node, place: str) -> list[Gap]:
        self._depth += 1
        try:
            return self.here(case, node, place)
        finally:
            self._depth -= 1

    def here(self, case: Case, node: Node, place: str) -> list[Gap]:
        if node.is_trivial:
            return []
        question = (case, node)
        known = self._answers.known(question, self._depth)
        if known is not None:
            return known
        if self._answers.is_open(question):
            return [Gap(node.pointer, place, Kind.UNCLEAR, "its alternatives lead back to themselves")]
        self._work.spend()
        if self._nested > MAX_NESTED:
            raise TooIntricate
        self._nested += 1
        try:
            demand = Demand(node, place)
            return self._answers.ask(question, self._depth, lambda: list(dict.fromkeys(self._gaps(case, demand))))
        finally:
            self._nested -= 1

    def facts(self, case: Case) -> Facts:
        facts = self._facts.get(case)
        if facts is None:
            facts = self._facts[case] = Facts(case, self.same, self._work)
        return facts

    def fits(self, node: Node, value: Json) -> bool:
        self._work.spend()
        return not node.document.validators.is_invalid(node.pointer, value)

    def is_impossible(self, case: Case) -> bool:
        known = self._impossible.get(case)
        if known is None and self._nested < MAX_NESTED:
            self._impossible[case] = False  # what contains itself without end is not asked again
            self._nested += 1
            try:
                known = self._impossible[case] = self._excludes_itself(self.facts(case))
            finally:
                self._nested -= 1
        return bool(known)

    def _gaps(self, case: Case, demand: Demand) -> Sequence[Gap]:
        facts = self.facts(case)
        if self.is_impossible(case) or any(self.same.of(node, demand.node) for node in facts.nodes):
            return ()
        if demand.node.is_false:
            return [Gap(demand.node.pointer, demand.place, Kind.FORBIDDEN)]
        if facts.values is not None:
            return self._of_values(facts, facts.values, demand)
        gaps = list(self._by_rules(facts, demand))
        if gaps and not any(node.rules for node in facts.nodes) and self._depth:
            return [Gap(demand.node.pointer, demand.place, Kind.NARROWED)]
        return self._by_cases(facts, demand, gaps) if gaps else gaps

    def _of_values(self, facts: Facts, values: Sequence[Json], demand: Demand) -> Sequence[Gap]:
        unfit = [value for value in values if not self.fits(demand.node, value)]
        possible = [value for value in unfit if all(self.fits(node, value) for node in facts.case.holds)]
        return [value_gap(demand, value) for value in possible]

    def _by_rules(self, facts: Facts, demand: Demand) -> Iterator[Gap]:
        for keyword in demand.node.rules.keys() - _ASIDE:
            if not self._is_unchanged(facts, demand.node, keyword):
                yield from _RULES[keyword](self, facts, demand)

    def _is_unchanged(self, facts: Facts, node: Node, keyword: str) -> bool:
        together = _UNCHANGED.get(keyword, ())
        return bool(together) and any(
            keyword in known.rules and self.same.of_rules(known, node, *together) for known in facts.nodes
        )

    def _by_cases(self, facts: Facts, demand: Demand, gaps: list[Gap]) -> list[Gap]:
        """What is left when the choices of the one side are told apart. The gaps of a case are plainer than those of
        the whole."""
        cases = next(_cases(facts), None)
        if cases is None and _TELLING & demand.node.rules.keys():
            cases = _kinds_apart(facts)
        if cases is None:
            return gaps
        try:
            with self._work.half():
                return [gap for case in cases for gap in self.here(case, demand.node, demand.place)]
        except TooIntricate:
            return gaps

    def _excludes_itself(self, facts: Facts) -> bool:
        if not facts.kinds or any(node.is_false for node in facts.nodes):
            return True
        if any(self.same.of(one, other) for one in facts.negated for other in facts.nodes):
            return True
        if facts.values is not None:
            return not any(all(self.fits(node, value) for node in facts.case.holds) for value in facts.values)
        if facts.kinds <= NUMBERS:
            return _is_crossed(facts)
        return facts.kinds == {"object"} and any(self._is_part_impossible(facts, name) for name in facts.required)

    def _is_part_impossible(self, facts: Facts, name: str) -> bool:
        case = facts.of_key(name)
        return bool(case.holds) and self.is_impossible(case)


def _cases(facts: Facts) -> Iterator[list[Case]]:
    """Of each choice that is still open, the cases: every alternative that may be the one."""
    for node in facts.nodes:
        for keyword in ("anyOf", "oneOf"):
            branches = node.children(keyword)
            if branches and (node, keyword) not in facts.case.told:
                told = facts.case.telling(node, keyword)
                yield [told.holding(branch) for branch in branches]


def _kinds_apart(facts: Facts) -> list[Case] | None:
    if len(facts.kinds) < 2:
        return None
    return [facts.case.of_kinds(kind) for kind in sorted(facts.kinds)]


def _is_crossed(facts: Facts) -> bool:
    low, high = facts.lowest, facts.highest
    if low is None or high is None:
        return False
    return low.value > high.value or (low.value == high.value and not (low.included and high.included))
