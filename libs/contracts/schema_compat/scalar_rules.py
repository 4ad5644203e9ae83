"""The rules of the keywords that look at a value itself: its type, its size, what it is."""

from collections.abc import Iterator, Mapping
from typing import Final, cast

from libs.contracts.codec import Json
from libs.contracts.schema_compat.facts import KINDS, NUMBERS, Facts, is_whole, kinds_of
from libs.contracts.schema_compat.gaps import Gap, Kind
from libs.contracts.schema_compat.proof import Check, Demand, Proof
from libs.contracts.schema_compat.sameness import exact
from libs.contracts.schema_sentences import excerpt

_WORDS: Final = {
    "null": "null",
    "boolean": "a boolean",
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "integer": "an integer",
    "fraction": "a number with a fraction",
}


def _type(_: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    others = facts.kinds - kinds_of(demand.node.rules["type"].value)
    if others >= NUMBERS:
        words = [_WORDS[kind] for kind in KINDS if kind in others - NUMBERS] + ["a number"]
    else:
        words = [_WORDS[kind] for kind in KINDS if kind in others]
    if others:
        yield demand.gap("type", Kind.REFUSED, " or ".join(words))


def _one_of(keyword: str) -> Check:
    def check(_: Proof, __: Facts, demand: Demand) -> Iterator[Gap]:
        """Lists of values on the other side are held against the whole schema, one by one, before any rule."""
        wanted = demand.node.rules[keyword].value
        yield demand.gap(keyword, Kind.DEMANDED, excerpt(wanted) if keyword == "const" else f"one of {excerpt(wanted)}")

    return check


def _from_below(keyword: str, included: bool) -> Check:
    def check(_: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
        wanted, end = _number(demand, keyword), facts.lowest
        if not facts.kinds & NUMBERS:
            return
        if end is None or end.value < wanted or (end.value == wanted and end.included and not included):
            yield demand.gap(keyword, Kind.DEMANDED, f"{'at least' if included else 'more than'} {excerpt(wanted)}")

    return check


def _from_above(keyword: str, included: bool) -> Check:
    def check(_: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
        wanted, end = _number(demand, keyword), facts.highest
        if not facts.kinds & NUMBERS:
            return
        if end is None or end.value > wanted or (end.value == wanted and end.included and not included):
            yield demand.gap(keyword, Kind.DEMANDED, f"{'at most' if included else 'less than'} {excerpt(wanted)}")

    return check


def _multiple_of(_: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    """Fractions are compared with themselves only: how they round is the validator's affair."""
    wanted = _number(demand, "multipleOf")
    if not facts.kinds & NUMBERS or (wanted == 1 and "fraction" not in facts.kinds):
        return
    if not any(_divides(wanted, known) for known in facts.sizes_of("multipleOf")):
        yield demand.gap("multipleOf", Kind.DEMANDED, f"a multiple of {excerpt(wanted)}")


def _divides(wanted: int | float, known: int | float) -> bool:
    if exact(wanted) == exact(known):
        return True
    return is_whole(wanted) and is_whole(known) and int(known) % int(wanted) == 0


def _at_least(keyword: str, kind: str, words: str) -> Check:
    def check(_: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
        wanted = _number(demand, keyword)
        if kind in facts.kinds and max(facts.sizes_of(keyword), default=0) < wanted:
            yield demand.gap(keyword, Kind.DEMANDED, f"of at least {excerpt(wanted)} {words}")

    return check


def _at_most(keyword: str, kind: str, words: str) -> Check:
    def check(_: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
        wanted, known = _number(demand, keyword), min(facts.sizes_of(keyword), default=None)
        if kind in facts.kinds and (known is None or known > wanted):
            yield demand.gap(keyword, Kind.DEMANDED, f"of at most {excerpt(wanted)} {words}")

    return check


def _same_text(keyword: str) -> Check:
    """Patterns and encodings: whether one implies the other is not asked, only whether they are the same."""

    def check(_: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
        wanted = demand.node.rules[keyword].value
        known = list(facts.values_of(keyword))
        if "string" not in facts.kinds or wanted in known:
            return
        if known:
            what = f"`{keyword}` was {excerpt(known[0])} and is {excerpt(wanted)} where it has to hold"
            yield demand.gap(keyword, Kind.UNCLEAR, what)
        else:
            yield demand.gap(keyword, Kind.DEMANDED, f"text with the {keyword} {excerpt(wanted)}")

    return check


def _content(_: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    """The two keywords of draft 7 work together, and so they are compared together."""
    wanted = [demand.node.rules.get(keyword) for keyword in ("contentEncoding", "contentMediaType")]
    keyword = "contentEncoding" if wanted[0] is not None else "contentMediaType"
    for node in facts.nodes:
        known = [node.rules.get(one) for one in ("contentEncoding", "contentMediaType")]
        if [one and one.value for one in known] == [one and one.value for one in wanted]:
            return
    if "string" in facts.kinds:
        yield demand.gap(keyword, Kind.DEMANDED, f"text with the {keyword} {excerpt(demand.node.rules[keyword].value)}")


def _number(demand: Demand, keyword: str) -> int | float:
    return cast("int | float", demand.node.rules[keyword].value)


def value_gap(demand: Demand, value: Json) -> Gap:
    """Of a value that was one of a list and does not fit."""
    return Gap(demand.node.pointer, demand.place, Kind.REFUSED, excerpt(value))


SCALAR_RULES: Final[Mapping[str, Check]] = {
    "type": _type,
    "enum": _one_of("enum"),
    "const": _one_of("const"),
    "minimum": _from_below("minimum", included=True),
    "exclusiveMinimum": _from_below("exclusiveMinimum", included=False),
    "maximum": _from_above("maximum", included=True),
    "exclusiveMaximum": _from_above("exclusiveMaximum", included=False),
    "multipleOf": _multiple_of,
    "minLength": _at_least("minLength", "string", "characters"),
    "maxLength": _at_most("maxLength", "string", "characters"),
    "pattern": _same_text("pattern"),
    "contentEncoding": _content,
    "contentMediaType": _content,
    "minItems": _at_least("minItems", "array", "items"),
    "maxItems": _at_most("maxItems", "array", "items"),
}
