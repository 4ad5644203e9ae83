"""Input: schemas, expressions and JSON are bounded before they run, and nothing is fetched on their behalf."""

from tests.mutants.mutant import Mutant

_RULES = "libs/contracts/schema_rules.py"
_VALIDATORS = "libs/contracts/schema_validators.py"
_GATE = "tests/unit/contracts/test_schema_gate.py"
_UNFIT = "tests/unit/contracts/test_schema_rules.py::test_an_unfit_schema_is_refused_with_its_place_in_bounded_time"
_CODEC = "libs/contracts/codec.py"
_KEPT = "tests/unit/contracts/test_codec.py::test_what_cannot_be_kept_is_refused"
_SOURCE = "services/engine/domain/cel_source.py"
_LONG = "tests/unit/engine/test_cel_source.py::test_what_could_run_long_or_read_twice_is_refused"


def _unruled(name: str, danger: str, old: str, new: str, *cases: str) -> Mutant:
    return Mutant(name, danger, _RULES, old, new, tuple(f"{_UNFIT}[{case}]" for case in cases))


VALIDATION = (
    Mutant(
        name="nothing-is-fetched",
        danger="A reference makes the service fetch an address or read a file, and tell what it found.",
        path=_VALIDATORS,
        old=", retriever=_refuse)",
        new=")",
        killers=(f"{_GATE}::test_nothing_is_fetched_even_when_a_validator_is_asked_to",),
    ),
    Mutant(
        name="patterns-run-in-linear-time",
        danger="A pattern that backtracks burns a core for hours.",
        path=_VALIDATORS,
        old="            pattern_options=pattern_options(),\n",
        new="",
        killers=(f"{_GATE}::test_no_pattern_compiles_that_needs_more_than_a_linear_engine",),
    ),
    _unruled(
        "schema-references-stay-inside",
        "A schema refers to another server's documents, or to files.",
        '    if not reference.startswith("#"):\n        yield SchemaProblem(',
        '    if not reference.startswith("#"):\n        return\n        yield SchemaProblem(',
        "remote reference",
        "file reference",
    ),
    _unruled(
        "schema-references-lead-somewhere",
        "A schema that is registered cannot be compiled when it is needed.",
        "    elif local_target(reference, anchors) not in pointers:\n",
        "    elif local_target(reference, anchors) in ():\n",
        "unresolvable reference",
    ),
    _unruled(
        "schema-id-is-its-own",
        "An id moves all references of the schema to another server.",
        "    if identity is not None and not is_local:\n",
        "    if identity is not None and is_local is None:\n",
        "remote id",
    ),
    _unruled(
        "schema-dialect-is-known",
        "A schema is read by rules that it was not written for.",
        "    if draft_of(schema) is None:\n",
        "    if draft_of(schema) == 0:\n",
        "unknown dialect",
    ),
    _unruled(
        "schema-size-is-bounded",
        "A schema is as large as a body may be, and is compiled again and again.",
        "    if size > MAX_SCHEMA_BYTES:\n",
        "    if size < 0:\n",
        "too large",
    ),
    _unruled(
        "schema-depth-is-bounded",
        "A schema that is nested deep enough overflows the stack of whoever walks it.",
        "        if depth > MAX_SCHEMA_DEPTH:\n",
        "        if depth < 0:\n",
        "too deep",
    ),
    _unruled(
        "schema-count-is-bounded",
        "Thousands of small schemas in one make every validation slow.",
        "    if count > MAX_SUBSCHEMAS:\n",
        "    if count < 0:\n",
        "too many",
    ),
    _unruled(
        "schema-patterns-compile",
        "A pattern that no linear engine can run is registered, and refused when it is needed.",
        "            if sentence is None:\n",
        "            if sentence is None or load:\n",
        "look-ahead",
        "exploding counts",
    ),
    Mutant(
        name="schema-patterns-have-no-flags",
        danger="A pattern that ignores the case of large classes takes seconds to compile.",
        path="libs/contracts/schema_patterns.py",
        old="    if _has_flags(pattern):\n",
        new="    if _has_flags(pattern) is None:\n",
        killers=(f"{_UNFIT}[flags]", f"{_UNFIT}[flags of a group]"),
    ),
    _unruled(
        "schema-patterns-are-read-in-bounded-time",
        "Hundreds of patterns with hundreds of escapes are compiled in one request.",
        "            load += 1 + reading_cost(pattern)\n",
        "            load += 1\n",
        "many escapes",
    ),
    _unruled(
        "schema-divisors-are-near",
        "A quotient with hundreds of digits is made for every number of a value.",
        "divisor < LEAST_DIVISOR:\n",
        "divisor < 0:\n",
        "divisor of nearly nothing",
    ),
    Mutant(
        name="values-are-checked-in-bounded-time",
        danger="A large value and a schema with many alternatives block the service for a minute.",
        path="libs/contracts/schema_gate.py",
        old=" > MAX_WORK:\n",
        new=" < 0:\n",
        killers=(f"{_GATE}::test_a_value_that_would_take_too_long_is_refused_unseen",),
    ),
    _unruled(
        "schema-comes-to-an-end",
        "A schema that applies itself to the same value recurses until the stack is gone.",
        "    if loop is not None:\n",
        "    if loop == 0:\n",
        "itself",
        "itself in allOf",
    ),
    _unruled(
        "schema-cost-is-bounded",
        "Half a page of definitions that double each other is sixteen million evaluations.",
        "    if cost > MAX_EXPANDED_COST:\n",
        "    if cost < 0:\n",
        "doubled allOf",
        "doubled parts",
    ),
    Mutant(
        name="schema-names-are-names",
        danger="Thousands of objects where names belong are compared each with each.",
        path="libs/contracts/schema_meta.py",
        old="    if plain:\n",
        new="    if plain == 0:\n",
        killers=(f"{_UNFIT}[objects as types]",),
    ),
    Mutant(
        name="one-comprehension",
        danger="Comprehensions inside each other run for a minute, and nobody can interrupt them.",
        path=_SOURCE,
        old="    if len(bodies) > EXPRESSION_MACROS:\n",
        new="    if len(bodies) < 0:\n",
        killers=(f"{_LONG}[inputs.l.map(x, inputs.l.map(y, y))-expected at most 1 comprehension, but there are 2]",),
    ),
    Mutant(
        name="known-functions-only",
        danger="A function that we do not know hides a loop.",
        path=_SOURCE,
        old="        if token.text not in FUNCTIONS and not",
        new="        if token.text in () and not",
        killers=(_LONG,),
    ),
    Mutant(
        name="expression-nesting-is-bounded",
        danger="An expression that is nested deep enough overflows the library's stack, and the process is gone.",
        path=_SOURCE,
        old="        if depth > EXPRESSION_NESTING:\n",
        new="        if depth < -EXPRESSION_NESTING:\n",
        killers=(_LONG,),
    ),
    Mutant(
        name="expression-work-is-bounded",
        danger="One comprehension over a large list, with a large list in its body, blocks the engine.",
        path="services/engine/domain/expressions.py",
        old="        if once > EXPRESSION_WORK:\n",
        new="        if once < 0:\n",
        killers=(
            "tests/unit/engine/test_expressions.py"
            "::test_what_would_run_long_is_refused_before_it_runs[inputs.numbers.map(x, inputs.numbers)]",
        ),
    ),
    Mutant(
        name="no-nan",
        danger="A number that JSON does not know is stored, and no reader can read it.",
        path=_CODEC,
        old="allow_inf_nan=False",
        new="allow_inf_nan=True",
        killers=(f"{_KEPT}[NaN]",),
    ),
    Mutant(
        name="no-duplicate-keys",
        danger="What is validated is one of two values of a key, what is sent is the other.",
        path=_CODEC,
        old="catch_duplicate_keys=True",
        new="catch_duplicate_keys=False",
        killers=(f"{_KEPT}[duplicate key]",),
    ),
    Mutant(
        name="no-overflow",
        danger="A number is read that cannot be written again.",
        path=_CODEC,
        old="        refuse_overflow(raw, value)\n",
        new="        _ = raw\n",
        killers=(f"{_KEPT}[overflow]", f"{_KEPT}[past 64 bits]"),
    ),
    Mutant(
        name="json-depth-is-bounded",
        danger="A document is taken that no event around it can hold.",
        path=_CODEC,
        old="    if depth > MAX_DEPTH:\n",
        new="    if depth < 0:\n",
        killers=(f"{_KEPT}[too deep]",),
    ),
    Mutant(
        name="no-nul",
        danger="A text is taken that the database cannot hold.",
        path=_CODEC,
        old='            if isinstance(one, str) and "\\0" in one:\n',
        new="            if one is NotImplemented:\n",
        killers=(f"{_KEPT}[U+0000]",),
    ),
    Mutant(
        name="bodies-pass-the-one-reader",
        danger="A body is read by another reader than the one that knows what can be kept.",
        path="libs/chassis/http/validation.py",
        old="        document = parse_json(raw)\n",
        new='        document = __import__("json").loads(raw)\n',
        killers=("tests/unit/chassis/http/test_input.py::test_a_body_that_is_no_json_of_ours_is_refused",),
    ),
    Mutant(
        name="results-pass-the-one-reader",
        danger="A result is read by another reader than the one that knows what can be kept.",
        path="services/dispatcher/api/models.py",
        old="        return parse_json(raw) if",
        new='        return __import__("json").loads(raw) if',
        killers=("tests/unit/dispatcher/test_models.py::test_a_result_is_read_as_everything_from_outside_is",),
    ),
    Mutant(
        name="answers-pass-the-one-reader",
        danger="What an endpoint answers is read by another reader than the one that knows what can be kept.",
        path="services/dispatcher/delivery/classification.py",
        old="        result = parse_json(outcome.body) if outcome.body else None\n",
        new='        result = __import__("json").loads(outcome.body) if outcome.body else None\n',
        killers=("tests/unit/dispatcher/delivery/test_classification.py::test_an_outcome_is_judged_by_its_row",),
    ),
    Mutant(
        name="output-gate-stands",
        danger="A result that breaks its schema goes on into the run.",
        path="services/dispatcher/domain/reports.py",
        old="    if isinstance(report.outcome, Succeeded) and violations:\n",
        new="    if isinstance(report.outcome, Failed) and violations:\n",
        killers=(
            "tests/unit/dispatcher/test_reports.py"
            "::test_a_result_that_breaks_the_schema_fails_the_job_and_tells_the_worker_where",
        ),
    ),
)
