"""Documents that want to be read or checked for ever: bodies for the engine, results of jobs for the dispatcher."""

from dataclasses import dataclass

from libs.contracts.codec import Json, JsonObject, dump_json

RESULT_BYTES = 262_144

_ANYTHING: JsonObject = {}


@dataclass(frozen=True)
class Result:
    """What a worker reports under an output schema. `fits` None: whether it fits is not the question."""

    schema: JsonObject
    raw: bytes
    fits: bool | None = False


def result(schema: JsonObject, value: Json, fits: bool | None = False) -> Result:
    return Result(schema, dump_json(value), fits)


def deep(levels: int, leaf: Json) -> Json:
    value = leaf
    for _ in range(levels):
        value = {"a": value, "b": 1}
    return value


def many(count: int, value: Json) -> Json:
    return [value] * count


def heavy_patterns(count: int) -> list[str]:
    return [f"[ab]*a[ab]{{{n}}}c" for n in range(300, 300 + count)]


_TREE: JsonObject = {"properties": {"a": {"$ref": "#/$defs/n"}}}
_NODE: Json = {
    "oneOf": [{"type": "object", **_TREE}, {"type": "object", "required": ["z"], **_TREE}, {"type": "string"}]
}

RESULTS: dict[str, Result] = {
    "each of many against nine hundred": result(
        {"items": {"anyOf": [{"const": n} for n in range(900)]}}, many(60_000, 899)
    ),
    "each of many against lists of objects": result(
        {"items": {"enum": [{"a": n} for n in range(3_000)]}}, many(20_000, {"a": 2_999})
    ),
    "many that have to differ": result({"uniqueItems": True}, [{"a": n, "b": [n]} for n in range(9_000)], True),
    "many that nearly are the same": result(
        {"uniqueItems": True}, [many(50, 0), *([many(49, 0), n] for n in range(2_000))], True
    ),
    "a tree of kinds": result({"$defs": {"n": _NODE}, "$ref": "#/$defs/n"}, deep(100, 1)),
    "a recursion that doubles": result({"allOf": [{"properties": {"a": {"$ref": "#"}}}] * 2}, deep(100, {}), True),
    "a recursion that doubles and fails": result(
        {"anyOf": [{"properties": {"a": {"$ref": "#"}}, "required": ["z"]}] * 3}, deep(100, {})
    ),
    "a deep path to many": result(
        {"properties": {"a": {"$ref": "#"}}, "items": {"type": "null"}}, deep(110, many(60_000, 1))
    ),
    "a pattern that others backtrack in": result({"pattern": "^(a+)+$"}, "a" * 250_000 + "b"),
    "patterns with many states": result({"allOf": [{"pattern": one} for one in heavy_patterns(15)]}, "ab" * 120_000),
    "many keys against heavy patterns": result(
        {"patternProperties": dict.fromkeys(heavy_patterns(15), _ANYTHING), "additionalProperties": {"type": "null"}},
        {f"{'ab' * 5}{n}": 1 for n in range(12_000)},
    ),
    "many keys that nobody evaluates": result(
        {"anyOf": [{"properties": {f"k{n}": True}} for n in range(400)], "unevaluatedProperties": False},
        {f"k{n}": 1 for n in range(20_000)},
    ),
    "numbers that are far apart": result({"items": {"multipleOf": 0.01}}, many(40_000, 1e308), None),
    "all at fault": result({"items": {"items": {"type": "string"}}}, many(1_500, [1] * 50)),
    "one at fault": result({"items": {"type": "string"}}, ["a"] * 60_000 + [1]),
    "one of many keys": result(
        {"additionalProperties": {"type": "integer"}}, {f"k{n}": n for n in range(20_000)} | {"z": ""}
    ),
    "conditions on conditions": result(
        {"items": {"allOf": [{"if": {"minimum": n}, "then": {"maximum": n + 100}} for n in range(300)]}},
        many(60_000, 200),
    ),
    "a key as long as the document": result({"additionalProperties": False}, {"k" * 250_000: 1}),
    "too long, and all brackets": Result({"type": "null"}, b"[" + b"[]," * 450_000 + b"[]]"),
}


def inputs(raw: bytes) -> bytes:
    return b'{"inputs": {"doc_id": ' + raw + b"}}"


BODIES: dict[str, bytes] = {
    "a hundred thousand open brackets": b"[" * 100_000,
    "a hundred thousand brackets": inputs(b"[" * 100_000 + b"]" * 100_000),
    "nested deeper than events are": inputs(b'{"a":' * 150 + b"1" + b"}" * 150),
    "many empty lists": inputs(b"[" + b"[]," * 80_000 + b"[]]"),
    "a key twice": inputs(b'{"a": 1, "a": 2}'),
    "not a number": inputs(b"NaN"),
    "a number past a double": inputs(b"1e400"),
    "an integer of two hundred thousand digits": inputs(b"9" * 200_000),
    "half a character": inputs(b'"\\ud800"'),
    "a character that cannot be stored": inputs(b'"\\u0000"'),
    "bytes that are no text": inputs(b'"\xff\xfe"'),
    "thirty thousand unknown inputs": dump_json({"inputs": {f"k{n}": n for n in range(20_000)}}),
    "larger than any body": inputs(b'"' + b"x" * 400_000 + b'"'),
}
