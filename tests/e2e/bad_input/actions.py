"""Registrations of actions that must be refused: names, endpoints, schemas, annotations."""

from libs.contracts.codec import Json, JsonObject
from tests.e2e.bad_input.case import Case

ENDPOINT = "http://127.0.0.1:9/summarize"

ADDRESSES = {
    "private": "http://10.0.0.1/x",
    "private-class-c": "http://192.168.1.1/x",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "metadata-mapped": "http://[::ffff:169.254.169.254]/",
    "metadata-azure": "http://168.63.129.16/",
    "nat64": "http://[64:ff9b::a00:1]/",
    "hexadecimal": "http://0x0a000001/",
    "decimal": "http://167772161/",
    "octal": "http://012.0.0.1/",
    "short": "http://10.1/",
    "unspecified": "http://0.0.0.0/",
    "multicast": "http://224.0.0.1/",
    "loopback-6": "http://[::1]/",
    "unique-local": "http://[fd00::1]/",
}
URLS: dict[str, Json] = {
    "boolean": True,
    "empty": "",
    "relative": "example.com/x",
    "ftp": "ftp://example.com/x",
    "file": "file:///etc/passwd",
    "userinfo": "https://user:word@example.com/",
    "fragment": "https://example.com/#part",
    "space": "https://example.com/a b",
    "line-break": "https://example.com/\r\nHost: else",
    "no-host": "http:///x",
    "port-0": "http://example.com:0/",
    "port-too-high": "http://example.com:65536/",
    "too-long": "https://example.com/" + "x" * 2048,
}
NAMES: dict[str, Json] = {
    "number": 7,
    "null": None,
    "empty": "",
    "capitals": "Summarize",
    "spaces": "summarize document",
    "leading-hyphen": "-summarize",
    "trailing-hyphen": "summarize-",
    "underscore": "summarize_document",
    "dot": "slack.post-message",
    "reserved-prefix": "mobius.summarize",
    "reserved-word": "catalog",
    "300-characters": "x" * 300,
    "64-characters": "x" * 64,
    "trailing-newline": "summarize\n",
    "cyrillic": "summаrize",
    "path": "../../etc",
}


def nested(levels: int) -> Json:
    schema: Json = {"type": "string"}
    for _ in range(levels):
        schema = {"not": schema}
    return schema


SCHEMAS: dict[str, tuple[Json, str]] = {
    "true": (True, "input_schema"),
    "list": ([], "input_schema"),
    "text": ("object", "input_schema"),
    "unknown-type": ({"type": "text"}, "input_schema.type"),
    "remote-ref": ({"$ref": "https://example.com/s.json"}, "input_schema.$ref"),
    "file-ref": ({"$ref": "file:///etc/passwd"}, "input_schema.$ref"),
    "dangling-ref": ({"$ref": "#/$defs/none"}, "input_schema.$ref"),
    "endless-ref": ({"$ref": "#"}, "input_schema"),
    "unknown-dialect": ({"$schema": "https://example.com/mine"}, "input_schema.$schema"),
    "remote-id": ({"$id": "https://example.com/s.json", "type": "object"}, "input_schema.$id"),
    "lookbehind": ({"properties": {"a": {"pattern": "(?<=b)a"}}}, "input_schema.properties.a.pattern"),
    "broken-pattern": ({"properties": {"a": {"pattern": "("}}}, "input_schema.properties.a.pattern"),
    "wrong-keyword": ({"required": "all"}, "input_schema.required"),
    "too-large": ({"description": "d" * 70_000}, "input_schema"),
    "too-deep": (nested(40), "input_schema" + ".not" * 32),
    "too-many": ({"anyOf": [{"type": "string"}] * 1_001}, "input_schema"),
}


def registration(name: str, field: str, /, **changes: Json) -> Case:
    """The body of a good registration with these changes."""
    body: JsonObject = {"name": "never-made", "endpoint_url": ENDPOINT, **changes}
    return Case(f"action: {name}", "POST", "actions", body, field)


def change(name: str, field: str, /, **changes: Json) -> Case:
    """A change of an action that is there."""
    return Case(f"action: change {name}", "PATCH", "actions/bad-target", changes, field)


CHANGES = (
    change("of its name", "name", name="other"),
    change("unknown field", "colour", colour="red"),
    change("title to null", "title", title=None),
    change("description to null", "description", description=None),
    change("endpoint to null", "endpoint_url", endpoint_url=None),
    change("schema to null", "input_schema", input_schema=None),
    change("endpoint inside", "endpoint_url", endpoint_url=ADDRESSES["metadata"]),
    change("schema fetches", "input_schema.$ref", input_schema={"$ref": "https://example.com/s.json"}),
    change("annotations at odds", "annotations", annotations={"destructive": True, "read_only": True}),
    Case("action: change a list", "PATCH", "actions/bad-target", [], ""),
    Case("action: accept without a reason", "PATCH", "actions/bad-target?accept_breaking=", {}, "accept_breaking"),
    Case(
        "action: change another state",
        "PATCH",
        "actions/bad-target",
        {"title": "late"},
        "header.If-Match",
        412,
        "precondition_failed",
        headers={"If-Match": '"another"'},
    ),
    Case(
        "action: no entity tag",
        "PATCH",
        "actions/bad-target",
        {"title": "late"},
        "header.If-Match",
        headers={"If-Match": "another"},
    ),
    Case(
        "action: key with a space",
        "POST",
        "actions",
        {"name": "never-made", "endpoint_url": ENDPOINT},
        "header.Idempotency-Key",
        headers={"Idempotency-Key": "two words"},
    ),
    Case("action: delete one in use", "DELETE", "actions/bad-target", status=409, code="action_in_use"),
)

CASES = (
    *CHANGES,
    Case("action: no name", "POST", "actions", {"endpoint_url": ENDPOINT}, "name"),
    Case("action: no endpoint", "POST", "actions", {"name": "never-made"}, "endpoint_url"),
    registration("unknown field", "colour", colour="red"),
    registration("own secret", "signing_secret", signing_secret="whsec_mine"),
    registration("title is a list", "title", title=["a"]),
    registration("title too long", "title", title="t" * 201),
    registration("description is an object", "description", description={"a": 1}),
    *(registration(f"name {name}", "name", name=value) for name, value in NAMES.items()),
    *(registration(f"endpoint {name}", "endpoint_url", endpoint_url=url) for name, url in URLS.items()),
    *(registration(f"address {name}", "endpoint_url", endpoint_url=url) for name, url in ADDRESSES.items()),
    *(registration(f"schema {name}", field, input_schema=schema) for name, (schema, field) in SCHEMAS.items()),
    registration("result schema", "output_schema.type", output_schema={"type": "text"}),
    registration("annotations list", "annotations", annotations=["idempotent"]),
    registration("annotation text", "annotations.idempotent", annotations={"idempotent": "yes"}),
    registration("annotation unknown", "annotations.safe", annotations={"safe": True}),
    registration("annotations at odds", "annotations", annotations={"destructive": True, "read_only": True}),
    Case(
        "action: name taken",
        "POST",
        "actions",
        {"name": "bad-target", "endpoint_url": ENDPOINT},
        "name",
        409,
        "already_exists",
    ),
)
