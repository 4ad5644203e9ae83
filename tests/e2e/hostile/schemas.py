"""Schemas that want to fetch, to recurse, to explode, or to be something else.

`{listener}` is a server of ours, `{salt}` different in each try, so that nothing is remembered from the one before."""

from libs.contracts.codec import Json, JsonObject, dump_json

DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def nested(levels: int, keyword: str) -> JsonObject:
    schema: JsonObject = {}
    for _ in range(levels):
        schema = {keyword: schema}
    return schema


def doubled(levels: int, keyword: str) -> JsonObject:
    """Definitions that each refer twice to the next: a billion laughs."""
    steps: JsonObject = {f"d{n}": {keyword: [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(levels)}
    return {"$defs": {**steps, f"d{levels}": {"type": "integer"}}, "$ref": "#/$defs/d0"}


def each_to_each(count: int) -> JsonObject:
    """Definitions that all refer to all."""
    definitions: JsonObject = {
        f"d{n}": {"properties": {f"p{m}": {"$ref": f"#/$defs/d{m}"} for m in range(count)}} for n in range(count)
    }
    return {"$defs": definitions, "$ref": "#/$defs/d0"}


def chain(length: int) -> JsonObject:
    steps: JsonObject = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(length)}
    return {"$defs": {**steps, f"d{length}": {}}, "$ref": "#/$defs/d0"}


def patterns(*texts: str) -> JsonObject:
    return {"properties": {f"p{n}": {"pattern": f"{text}{{salt}}"} for n, text in enumerate(texts)}}


def wide(count: int, schema: Json) -> JsonObject:
    return {"properties": {f"p{n}": schema for n in range(count)}}


FETCHING: dict[str, JsonObject] = {
    "a reference to a server": {"$ref": "{listener}/schema.json"},
    "a reference to a server, deep inside": {"properties": {"a": {"items": {"$ref": "{listener}/a#/$defs/b"}}}},
    "a reference to a file": {"$ref": "file:///etc/passwd"},
    "a reference without a host": {"$ref": "//127.0.0.1/schema.json"},
    "a relative reference under an id": {"$id": "{listener}/base/", "$ref": "schema.json"},
    "an id that takes over the meta-schema": {"$id": "https://json-schema.org/draft/2020-12/schema", "$ref": "#"},
    "an id inside that moves the base": {"$defs": {"a": {"$id": "{listener}/x", "$ref": "y"}}},
    "a dialect from a server": {"$schema": "{listener}/dialect"},
    "a dialect inside": {"items": {"$schema": "{listener}/dialect", "type": "string"}},
    "a vocabulary from a server": {"$schema": "{listener}/d", "$vocabulary": {"{listener}/v": True}},
    "a dynamic reference": {"$dynamicAnchor": "a", "properties": {"a": {"$dynamicRef": "{listener}/x#a"}}},
    "a recursive reference": {"$recursiveAnchor": True, "items": {"$recursiveRef": "#"}},
    "a reference in a schema for contents": {"contentSchema": {"$ref": "{listener}/contents"}},
    "a reference in draft 7": {"$schema": DRAFT_7, "definitions": {"a": {"$ref": "{listener}/x"}}},
}
ENDLESS: dict[str, JsonObject] = {
    "itself": {"$ref": "#"},
    "itself through others": {"$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}},
    "too deep": nested(60, "not"),
    "as deep as a document may be": nested(120, "items"),
    "a billion laughs of allOf": doubled(30, "allOf"),
    "a billion laughs of anyOf": doubled(30, "anyOf"),
    "a billion laughs of oneOf": doubled(30, "oneOf"),
    "all refer to all": each_to_each(30),
    "a reference to nothing": {"$ref": "#/$defs/nothing"},
    "nine hundred references to nothing": wide(900, {"$ref": "#/$defs/nothing"}),
    "unevaluated in a billion": {**doubled(30, "anyOf"), "unevaluatedProperties": False},
}
LARGE: dict[str, JsonObject] = {
    "too many schemas": {"allOf": [{"minimum": 1}] * 1_100},
    "a huge list of values": {"enum": [f"value {n}" for n in range(8_000)]},
    "a thousand schemas and one fault": {**wide(990, {"type": "string"}), "minimum": "x"},
    "a thousand faults": wide(990, {"minLength": "x"}),
    "a name ten thousand times": {"required": ["a"] * 10_000},
    "objects for names": {"required": [{"a": n} for n in range(5_000)]},
    "a divisor of nearly nothing": {"multipleOf": 5e-324},
}
PATTERNS: dict[str, JsonObject] = {
    "a look-ahead": patterns("^(?=.*a)(?=.*b)"),
    "a back-reference": patterns(r"^(a+)\1$"),
    "counts of counts": patterns("((a{100}){100}){100}"),
    "a large class that ignores the case": patterns("(?i)" + "[a-\U0010ffff]" * 500),
    "many escapes": patterns(r"\w+" * 1_300),
    "a pattern of 60,000 characters": patterns("|".join(f"a{n}" for n in range(9_000))),
    "eight hundred heavy patterns": patterns(*(f"[ab]*a[ab]{{{n}}}c" for n in range(100, 900))),
    "eight hundred counts of counts": patterns(*(f"(a{{1000}}){{{n}}}" for n in range(100, 900))),
}
REFUSED = {**FETCHING, **ENDLESS, **LARGE, **PATTERNS}

TAKEN: dict[str, JsonObject] = {
    "a long chain of references": chain(900),
    "a tree of every kind": {"$defs": {"n": {"anyOf": [wide(20, {"$ref": "#/$defs/n"})] * 20}}, "$ref": "#/$defs/n"},
    "a pattern that others backtrack in": patterns("^(a+)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"),
    "eight thousand values": {"enum": [f"v{n}" for n in range(6_000)]},
    "nine hundred properties": wide(900, {"type": ["string", "null"], "minLength": 1}),
    "keywords that nobody knows": {f"x-{n}": nested(20, "x") for n in range(300)},
}

RAW: dict[str, bytes] = {
    "a key twice": b'{"type": "object", "type": "string"}',
    "not a number": b'{"minimum": NaN}',
    "a number past a double": b'{"maximum": 1e400}',
    "infinity": b'{"maximum": Infinity}',
    "a hundred thousand brackets": b'{"not":' * 20_000 + b"{}" + b"}" * 20_000,
    "half a character": b'{"const": "\\ud800"}',
    "a character that cannot be stored": b'{"const": "\\u0000"}',
    "bytes that are no text": b'{"const": "\xff\xfe"}',
}


def body_of(name: str, listener: str, salt: str) -> bytes:
    """The bytes of a schema."""
    known = {**REFUSED, **TAKEN}
    raw = RAW[name] if name in RAW else dump_json(known[name])
    return raw.replace(b"{listener}", listener.encode()).replace(b"{salt}", salt.encode())


NAMES = [*REFUSED, *TAKEN, *RAW]
