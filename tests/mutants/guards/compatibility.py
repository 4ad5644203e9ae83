"""Changes of schemas: nothing is called safe for which a value shows the opposite, and nothing is compared for ever."""

from tests.mutants.mutant import Mutant

_ROOM = "libs/contracts/schema_compat"
_TABLE = "tests/unit/contracts/test_schema_compat.py::test_a_change_is_judged_for_either_side"
_PROPERTY = (
    "tests/properties/contracts/test_schema_compat.py::test_what_is_called_safe_has_no_value_that_shows_the_opposite"
)
_ANSWERS = "tests/unit/contracts/test_schema_compat_answers.py"
_BOUNDED = "tests/unit/contracts/test_schema_compat.py::test_a_hostile_pair_is_judged_in_bounded_time"


def _called_safe(name: str, danger: str, file: str, old: str, new: str, *rows: str) -> Mutant:
    """A mistake that the random pairs find, and the table as well."""
    killers = (_PROPERTY, *(f"{_TABLE}[{row}]" for row in rows))
    return Mutant(name, danger, f"{_ROOM}/{file}", old, new, killers)


COMPATIBILITY = (
    _called_safe(
        "new-requirements-are-seen",
        "A property becomes required, and everyone who left it out is refused.",
        "object_rules.py",
        "    if names:\n",
        "    if len(names) > 1:\n",
        "required-added",
        "required-removed",
    ),
    _called_safe(
        "integers-are-not-all-numbers",
        "A number with a fraction was accepted, and is refused.",
        "facts.py",
        'NUMBERS if name == "number" else (name,)',
        'NUMBERS if name in {"number", "integer"} else (name,)',
        "integer-to-number",
    ),
    _called_safe(
        "unnamed-properties-are-seen",
        "An object is closed, and everyone who sends more than it names is refused.",
        "object_rules.py",
        "        for case in facts.of_other_keys(frozenset(keyed)):\n",
        "        for case in ():\n",
        "closed",
        "others-widened",
    ),
    _called_safe(
        "open-objects-take-anything",
        "A property gets a schema, and everyone who used its name for something else is refused.",
        "prover.py",
        "        gaps = list(self._by_rules(facts, demand))\n",
        "        gaps = list(self._by_rules(facts, demand)) if facts.nodes else []\n",
        "a-property-in-an-open-object",
    ),
    _called_safe(
        "ends-of-ranges-count",
        "The value at the end of a range was accepted, and is refused.",
        "scalar_rules.py",
        "        if end is None or end.value > wanted or (end.value == wanted and end.included and not included):\n",
        "        if end is None or end.value > wanted:\n",
        "the-end-excluded",
    ),
    _called_safe(
        "one-alternative-only",
        "A new alternative overlaps with an old one, and what fits both is refused.",
        "choice_rules.py",
        "    if len(possible) == 1:\n",
        "    if possible:\n",
        "a-kind-that-overlaps",
    ),
    _called_safe(
        "patterns-are-not-guessed",
        "A pattern is replaced by one that refuses what the old one took.",
        "scalar_rules.py",
        '        if "string" not in facts.kinds or wanted in known:\n',
        '        if "string" not in facts.kinds or known:\n',
        "another-pattern",
    ),
    Mutant(
        name="draft-7-references-stand-alone",
        danger="What stands beside a reference is taken for a rule, though no validator of draft 7 looks at it.",
        path=f"{_ROOM}/nodes.py",
        old='    if "$ref" in schema:\n',
        new='    if "$ref" in schema and len(schema) == 1:\n',
        killers=(f"{_TABLE}[draft-7-ignores-what-stands-beside-a-reference]",),
    ),
    Mutant(
        name="leaning-answers-fall",
        danger="A proof stands on an assumption that turned out to be wrong.",
        path=f"{_ROOM}/answers.py",
        old="                self._forget(mark)\n",
        new="                pass\n",
        killers=(f"{_ANSWERS}::test_an_answer_that_leans_on_another_falls_with_it",),
    ),
    Mutant(
        name="no-question-answers-itself",
        danger="A schema that is compared with itself by way of others is called safe without a look at it.",
        path=f"{_ROOM}/answers.py",
        old="opened + 1",
        new="opened",
        killers=(f"{_ANSWERS}::test_an_open_question_is_no_answer_at_its_own_place",),
    ),
    Mutant(
        name="comparisons-end",
        danger="A change of a schema with many choices blocks the catalog for hours.",
        path=f"{_ROOM}/budget.py",
        old="        self._left -= steps\n",
        new="        self._left -= steps * 0\n",
        killers=(f"{_BOUNDED}[choices of two]",),
    ),
)
