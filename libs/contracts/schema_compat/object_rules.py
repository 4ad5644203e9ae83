"""The rules of the keywords that look into objects."""

from collections.abc import Iterator, Mapping
from typing import Final, cast

from libs.contracts.codec import JsonObject
from libs.contracts.schema_compat.facts import Case, Facts, is_closed
from libs.contracts.schema_compat.gaps import Gap, Kind
from libs.contracts.schema_compat.proof import Check, Demand, Proof
from libs.contracts.schema_sentences import excerpt


def _properties(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    for name, schema in demand.node.named("properties").items():
        yield from proof.part(facts.of_key(name), schema, demand.key(name))


def _pattern_properties(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    for pattern, schema in demand.node.named("patternProperties").items():
        for name in _named(facts, demand):
            if demand.node.document.validators.matches(pattern, name):
                yield from proof.part(facts.of_key(name), schema, demand.key(name))
        yield from proof.part(facts.of_key_like(pattern), schema, demand.key("*"))


def _others(keyword: str) -> Check:
    """`additionalProperties`: keys that the other side names, and all the rest."""

    def check(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
        schema = demand.node.child(keyword)
        if schema is None:
            return
        named, keyed = demand.node.named("properties"), demand.node.named("patternProperties")
        for name in facts.named:
            if name not in named and not any(
                demand.node.document.validators.matches(pattern, name) for pattern in keyed
            ):
                yield from proof.part(facts.of_key(name), schema, demand.key(name))
        for case in facts.of_other_keys(frozenset(keyed)):
            yield from proof.part(case, schema, demand.key("*"))

    return check


def _unevaluated(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    """What would do if nothing beside it evaluated any property; where that is too much, nobody can tell."""
    are_all_evaluated = "additionalProperties" in demand.node.rules
    if not are_all_evaluated and any(_others("unevaluatedProperties")(proof, facts, demand)):
        what = "`unevaluatedProperties` depends on all that stands beside it"
        yield demand.gap("unevaluatedProperties", Kind.UNCLEAR, what)


def _property_names(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    schema = demand.node.child("propertyNames")
    if schema is None:
        return
    for name in sorted({*facts.named, *facts.required}):
        if not proof.is_impossible(facts.of_key(name)) and not proof.fits(schema, name):
            yield demand.gap("propertyNames", Kind.UNCLEAR, f"the name {excerpt(name)} does not fit")
    if not any(is_closed(node) for node in facts.nodes):
        names = tuple(node.child("propertyNames") for node in facts.nodes)
        case = Case(tuple(one for one in names if one is not None), kinds=frozenset({"string"}))
        if proof.part(case, schema, demand.place):
            yield demand.gap("propertyNames", Kind.UNCLEAR, "names of properties may not fit `propertyNames`")


def _required(_: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    wanted = cast("list[str]", demand.node.rules["required"].value)
    yield from _missing(facts, demand, "required", wanted)


def _dependent_names(keyword: str) -> Check:
    def check(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
        value = cast("dict[str, list[str] | JsonObject]", demand.node.rules[keyword].value)
        for key, names in value.items():
            case = facts.case.with_key(key)
            if isinstance(names, list) and not proof.is_impossible(case):
                for gap in _missing(proof.facts(case), demand, keyword, names):
                    yield Gap(gap.at, gap.place, gap.kind, f"{gap.what} beside `{key}`")

    return check


def _missing(facts: Facts, demand: Demand, keyword: str, wanted: list[str]) -> Iterator[Gap]:
    names = sorted(set(wanted) - facts.required)
    if names:
        yield demand.gap(keyword, Kind.REQUIRED, " and ".join(f"`{name}`" for name in names[:_NAMES_TOLD]))


def _dependent_schemas(keyword: str) -> Check:
    def check(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
        for key, schema in demand.node.named(keyword).items():
            yield from proof.here(facts.case.with_key(key), schema, demand.place)

    return check


def _dependencies(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    yield from _dependent_names("dependencies")(proof, facts, demand)
    yield from _dependent_schemas("dependencies")(proof, facts, demand)


def _least(_: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    wanted = cast("int | float", demand.node.rules["minProperties"].value)
    if max(*facts.sizes_of("minProperties"), len(facts.required), 0) < wanted:
        yield demand.gap("minProperties", Kind.DEMANDED, f"of at least {excerpt(wanted)} properties")


def _most(_: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    wanted = cast("int | float", demand.node.rules["maxProperties"].value)
    if facts.most_properties is None or facts.most_properties > wanted:
        yield demand.gap("maxProperties", Kind.DEMANDED, f"of at most {excerpt(wanted)} properties")


def _named(facts: Facts, demand: Demand) -> list[str]:
    return list(dict.fromkeys((*facts.named, *demand.node.named("properties"))))


def _of_objects(check: Check) -> Check:
    def checked(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
        if "object" in facts.kinds:
            yield from check(proof, facts, demand)

    return checked


_NAMES_TOLD: Final = 5
_RULES: Final[Mapping[str, Check]] = {
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _others("additionalProperties"),
    "unevaluatedProperties": _unevaluated,
    "propertyNames": _property_names,
    "required": _required,
    "dependentRequired": _dependent_names("dependentRequired"),
    "dependentSchemas": _dependent_schemas("dependentSchemas"),
    "dependencies": _dependencies,
    "minProperties": _least,
    "maxProperties": _most,
}
OBJECT_RULES: Final[Mapping[str, Check]] = {keyword: _of_objects(check) for keyword, check in _RULES.items()}
