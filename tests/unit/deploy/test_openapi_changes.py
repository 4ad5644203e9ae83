"""What counts as a break of the HTTP API: every kind of it is found by name, and what is only more is not."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from deploy.reference.openapi.changes import breaks

Document = dict[str, Any]
Edit = Callable[[Document], object]


def toy() -> Document:
    """Two operations with everything that can be compared."""
    item = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "size": {"type": "integer", "minimum": 1, "maximum": 10},
            "colour": {"enum": ["red", "blue"], "type": "string"},
            "parent": {"$ref": "#/components/schemas/Item"},
            "note": {"type": "string"},
            "raw": {"type": "string", "contentSchema": {"type": "object", "properties": {"n": {"type": "integer"}}}},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "required": ["id", "size"],
    }
    order = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "maxLength": 20},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "kind": {"enum": ["a", "b"], "type": "string"},
            "count": {"type": "number", "minimum": 0},
            "items": {"type": "array", "items": {"type": "string"}},
            "free": {"type": "object", "additionalProperties": True},
        },
        "required": ["name"],
    }
    read = {
        "operationId": "getItem",
        "x-mobius-role": "viewer",
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 200}},
        ],
        "responses": {
            "200": {**content("Item"), "headers": {"ETag": {"required": True, "schema": {"type": "string"}}}},
            "404": {"description": "Nothing here."},
        },
    }
    write = {
        "operationId": "makeItem",
        "x-mobius-role": "author",
        "requestBody": {"required": False, **content("Order")},
        "responses": {"201": content("Item"), "204": {"description": "Done."}},
    }
    return {
        "paths": {"/items/{id}": {"get": read}, "/items": {"post": write}},
        "components": {"schemas": {"Item": item, "Order": order}},
    }


def content(shape: str, media: str = "application/json") -> Document:
    return {"content": {media: {"schema": {"$ref": f"#/components/schemas/{shape}"}}}}


def read(document: Document) -> Document:
    return document["paths"]["/items/{id}"]["get"]  # type: ignore[no-any-return]


def write(document: Document) -> Document:
    return document["paths"]["/items"]["post"]  # type: ignore[no-any-return]


def item(document: Document) -> Document:
    return document["components"]["schemas"]["Item"]  # type: ignore[no-any-return]


def order(document: Document) -> Document:
    return document["components"]["schemas"]["Order"]  # type: ignore[no-any-return]


def put(of: Callable[[Document], Document], *path: str, value: Any) -> Edit:
    """Sets what lies at this path; None takes it away."""

    def edit(document: Document) -> None:
        node = of(document)
        for step in path[:-1]:
            node = node[step]
        if value is None:
            node.pop(path[-1])
        else:
            node[path[-1]] = value

    return edit


FIELDS = "properties"
BREAKING: dict[str, tuple[Edit, str]] = {
    "operation gone": (lambda d: d["paths"].pop("/items"), "POST /items: expected the operation to stay"),
    "operation renamed": (put(read, "operationId", value="lookAtItem"), "operationId to stay getItem"),
    "role raised": (put(read, "x-mobius-role", value="author"), "expected the role viewer to be enough"),
    "open to keys only": (put(write, "x-mobius-role", value="admin"), "expected the role author to be enough"),
    "parameter gone": (lambda d: read(d)["parameters"].pop(), "query limit: expected the parameter to stay"),
    "parameter narrowed": (
        lambda d: read(d)["parameters"][1]["schema"].update(maximum=100),
        "query limit: expected maximum to stay 200, but it is 100",
    ),
    "parameter demanded": (
        lambda d: read(d)["parameters"][1].update(required=True),
        "query limit: expected no new demand",
    ),
    "new parameter demanded": (
        lambda d: read(d)["parameters"].append({"name": "x", "in": "query", "required": True, "schema": {}}),
        "query x: expected no new demand",
    ),
    "body gone": (put(write, "requestBody", value=None), "expected a body to be read"),
    "body demanded": (put(write, "requestBody", "required", value=True), "a body is required"),
    "body of another medium": (
        put(write, "requestBody", value=content("Order", "text/plain")),
        "expected application/json to stay",
    ),
    "body field gone": (put(order, FIELDS, "kind", value=None), "body.kind: expected the field to stay"),
    "body field demanded": (put(order, "required", value=["name", "kind"]), "body.kind: expected no new demand"),
    "new body field demanded": (
        lambda d: (order(d)[FIELDS].update(new={"type": "string"}), order(d)["required"].append("new")),
        "body.new: expected no new demand",
    ),
    "body type narrowed": (
        put(order, FIELDS, "count", "type", value="integer"),
        "body.count: expected number to stay allowed",
    ),
    "body null refused": (
        put(order, FIELDS, "note", value={"type": "string"}),
        "body.note: expected null to stay allowed",
    ),
    "body enum narrowed": (
        put(order, FIELDS, "kind", "enum", value=["a"]),
        'body.kind: expected "b" to stay allowed',
    ),
    "body enum new": (
        put(order, FIELDS, "name", "enum", value=["a"]),
        "body.name: expected any value to stay allowed",
    ),
    "body bound narrowed": (put(order, FIELDS, "name", "maxLength", value=10), "expected maxLength to stay 20"),
    "body lower bound raised": (put(order, FIELDS, "count", "minimum", value=1), "expected minimum to stay 0"),
    "body pattern new": (put(order, FIELDS, "name", "pattern", value="^a"), "expected pattern to stay absent"),
    "body items narrowed": (
        put(order, FIELDS, "items", "items", value={"type": "integer"}),
        "body.items.*: expected string to stay allowed",
    ),
    "body object closed": (
        put(order, FIELDS, "free", "additionalProperties", value=False),
        "body.free.*: expected anything to stay allowed",
    ),
    "answer gone": (put(write, "responses", "204", value=None), "204: expected the answer to stay"),
    "answer of another medium": (
        put(read, "responses", "200", "content", value=content("Item", "text/csv")["content"]),
        "200: expected application/json to stay",
    ),
    "answer header gone": (
        put(read, "responses", "200", "headers", value={}),
        "200 ETag: expected the header to stay",
    ),
    "answer header may be absent": (
        put(read, "responses", "200", "headers", "ETag", "required", value=None),
        "200 ETag: expected the header always to be there",
    ),
    "answer field gone": (put(item, FIELDS, "note", value=None), "200.note: expected the field to stay"),
    "answer field may be absent": (
        put(item, "required", value=["id"]),
        "200.size: expected the field always to be there",
    ),
    "answer type widened": (
        put(item, FIELDS, "size", "type", value="number"),
        "200.size: expected number not to be answered",
    ),
    "answer may be null": (
        put(item, FIELDS, "note", value={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "200.note: expected null not to be answered",
    ),
    "answer enum widened": (
        put(item, FIELDS, "colour", "enum", value=["red", "blue", "green"]),
        '200.colour: expected "green" not to be answered',
    ),
    "answer enum opened": (
        put(item, FIELDS, "colour", value={"type": "string"}),
        "200.colour: expected any value not to be answered",
    ),
    "answer bound widened": (put(item, FIELDS, "size", "maximum", value=11), "expected maximum to stay 10"),
    "answer bound gone": (put(item, FIELDS, "size", "minimum", value=None), "expected minimum to stay 1"),
    "answer inside a text widened": (
        put(item, FIELDS, "raw", "contentSchema", FIELDS, "n", "type", value="string"),
        "200.raw.*.n: expected string not to be answered",
    ),
    "answer map widened": (
        put(item, FIELDS, "labels", "additionalProperties", value={"type": "integer"}),
        "200.labels.*: expected integer not to be answered",
    ),
}
HARMLESS: dict[str, Edit] = {
    "nothing": lambda d: None,
    "new operation": lambda d: d["paths"].update({"/more": {"get": read(d)}}),
    "new answer header": put(read, "responses", "200", "headers", "Link", value={"schema": {"type": "string"}}),
    "role lowered": put(write, "x-mobius-role", value="worker"),
    "no key needed": put(read, "x-mobius-role", value="none"),
    "new optional parameter": lambda d: read(d)["parameters"].append({"name": "x", "in": "query", "schema": {}}),
    "parameter widened": lambda d: read(d)["parameters"][1]["schema"].update(maximum=300),
    "parameter bound gone": lambda d: read(d)["parameters"][1]["schema"].pop("maximum"),
    "new optional body field": put(order, FIELDS, "new", value={"type": "string"}),
    "body field optional": put(order, "required", value=[]),
    "body type widened": put(order, FIELDS, "name", value={"anyOf": [{"type": "string"}, {"type": "integer"}]}),
    "body takes anything": put(order, FIELDS, "name", value={}),
    "body enum widened": put(order, FIELDS, "kind", "enum", value=["a", "b", "c"]),
    "body enum gone": put(order, FIELDS, "kind", value={"type": "string"}),
    "body object opened": put(order, "additionalProperties", value=True),
    "body bound widened": put(order, FIELDS, "name", "maxLength", value=30),
    "body integer becomes number": put(order, FIELDS, "count", "minimum", value=-1),
    "new answer": put(read, "responses", "202", value=content("Item")),
    "refusal gone": put(read, "responses", "404", value=None),
    "new answer field": put(item, FIELDS, "new", value={"type": "string"}),
    "answer field always there": put(item, "required", value=["id", "size", "note"]),
    "answer enum narrowed": put(item, FIELDS, "colour", "enum", value=["red"]),
    "answer bound narrowed": put(item, FIELDS, "size", "maximum", value=9),
    "answer pattern new": put(item, FIELDS, "note", "pattern", value="^a"),
    "sentences": put(item, "description", value="Other words."),
    "shape renamed": lambda d: (
        d["components"]["schemas"].update(Thing=item(d)),
        read(d)["responses"]["200"].update(content("Thing")),
    ),
}


@pytest.mark.parametrize(("edit", "sentence"), BREAKING.values(), ids=BREAKING)
def test_a_break_is_found_and_says_where(edit: Edit, sentence: str) -> None:
    changed = toy()
    edit(changed)
    assert any(sentence in found for found in breaks(toy(), changed)), breaks(toy(), changed)


@pytest.mark.parametrize("edit", HARMLESS.values(), ids=HARMLESS)
def test_what_is_only_more_is_no_break(edit: Edit) -> None:
    changed = toy()
    edit(changed)
    assert breaks(toy(), changed) == []


def test_an_open_operation_that_takes_a_key_is_a_break() -> None:
    open_, changed = toy(), toy()
    read(open_)["x-mobius-role"] = "none"
    assert breaks(open_, changed) == ["GET /items/{id}: expected the role none to be enough, but it takes viewer"]


def test_every_break_has_its_sentence() -> None:
    changed = deepcopy(toy())
    changed["paths"] = {}
    assert len(breaks(toy(), changed)) == 2
