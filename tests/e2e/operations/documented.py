"""Answers held against an OpenAPI document: ours, or another one (3.0 and 3.1) that is given as a file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from libs.contracts.codec import InvalidJson, Json, parse_json
from tests.e2e.calls import Reply

METHODS = ("get", "post", "put", "patch", "delete")
EVENT = re.compile(rb"^data: (.*)$", re.MULTILINE)
NOTABLE = ("ETag", "X-Next-Cursor", "Idempotency-Replayed")
"""Headers of answers that a closed document names wherever they are sent."""
_SELF = "urn:document"


@dataclass(frozen=True)
class Operation:
    """One operation of a document."""

    id: str
    method: str
    path: str
    tag: str
    role: str
    raw: Mapping[str, Any]

    @property
    def is_of_a_project(self) -> bool:
        return "{project}" in self.path


class Documented:
    """A document, and what it says about answers. `closed`: a field that it does not name is a fault, and so is one of
    the notable headers."""

    def __init__(self, document: Mapping[str, Any], *, closed: bool = False) -> None:
        self._document = cast("dict[str, Any]", _modern(document, closed=closed))
        self._closed = closed
        self._registry: Registry[Any] = Registry().with_resource(_SELF, DRAFT202012.create_resource(self._document))

    def operations(self) -> Iterator[Operation]:
        for path, item in self._document["paths"].items():
            for method in METHODS:
                if method in item:
                    raw = item[method]
                    tags, role = raw.get("tags", ["none"]), raw.get("x-mobius-role", "")
                    yield Operation(raw["operationId"], method.upper(), path, tags[0], role, raw)

    def faults(self, operation: Operation, reply: Reply) -> list[str]:
        """What the answer has that the document does not allow."""
        responses = operation.raw["responses"]
        response = responses.get(str(reply.status), responses.get("default"))
        if response is None:
            return [f"expected one of the statuses {', '.join(responses)}, but it is {reply.status}"]
        resolved = self._resolved(response)
        return [*self._faults_of_headers(resolved.get("headers", {}), reply), *self._faults_of_content(resolved, reply)]

    def _faults_of_headers(self, named: Mapping[str, Any], reply: Reply) -> list[str]:
        missing = [name for name, header in named.items() if header.get("required") and name not in reply.headers]
        unnamed = [name for name in NOTABLE if self._closed and name in reply.headers and name not in named]
        return [f"expected the header {name}, but it is not there" for name in missing] + [
            f"expected no header {name}, but it is there" for name in unnamed
        ]

    def _faults_of_content(self, response: Mapping[str, Any], reply: Reply) -> list[str]:
        contents = response.get("content", {})
        if not contents:
            return [f"expected no body, but there are {len(reply.raw)} bytes"] if reply.raw else []
        media = reply.headers.get("Content-Type", "").partition(";")[0]
        if media not in contents:
            return [f"expected {' or '.join(contents)}, but it is {media or 'nothing'}"]
        schema = contents[media].get("schema", {})
        if media == "text/event-stream":
            event = schema.get("properties", {}).get("data", {}).get("contentSchema", {})
            return [fault for data in EVENT.findall(reply.raw) for fault in self._faults(event, data)]
        return self._faults(schema, reply.raw)

    def faults_of_refusal(self, operation: Operation, reply: Reply) -> list[str]:
        """As `faults`, of a refusal that the document has no status for: it has to look like one of those it has."""
        for status, response in operation.raw["responses"].items():
            if not status.startswith(("1", "2", "3")) and self._resolved(response).get("content"):
                known = replace(operation, raw={"responses": {"default": response}})
                return self.faults(known, reply)
        return []

    def faults_of_body(self, operation: Operation, raw: bytes | None) -> list[str]:
        """Why the document would not let this request through."""
        body = self._resolved(operation.raw.get("requestBody", {}))
        content = body.get("content", {}).get("application/json")
        if content is None:
            return [] if raw is None else ["expected no body, but there is one"]
        if raw is None:
            return ["expected a body, but there is none"] if body.get("required") else []
        return self._faults(content.get("schema", {}), raw)

    def _faults(self, schema: Any, raw: bytes) -> list[str]:
        try:
            document: Json = parse_json(raw)
        except InvalidJson as error:
            return [f"expected JSON, but {error}"]
        placed = _placed(schema)
        validator = Draft202012Validator(placed, registry=self._registry, format_checker=FormatChecker())
        found = sorted(validator.iter_errors(document), key=lambda error: error.json_path)
        return [f"{error.json_path}: {error.message[:200]}" for error in found]

    def _resolved(self, node: Any) -> Any:
        reference = node.get("$ref")
        return node if reference is None else self._registry.resolver(_SELF).lookup(reference).contents


def _placed(node: Any) -> Any:
    """References as seen from outside the document."""
    if isinstance(node, list):
        return [_placed(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        name: _SELF + value if name == "$ref" and isinstance(value, str) else _placed(value)
        for name, value in node.items()
    }


def _modern(node: Any, *, closed: bool) -> Any:
    """Schemas of 3.0 as those of 3.1: `nullable` is one more type. `closed`: objects take no more than they name."""
    if isinstance(node, list):
        return [_modern(one, closed=closed) for one in node]
    if not isinstance(node, dict):
        return node
    found = {name: _modern(value, closed=closed) for name, value in node.items()}
    if closed and found.get("type") == "object" and "properties" in found:
        found.setdefault("additionalProperties", False)
    if found.pop("nullable", None) is True:
        return {"anyOf": [found, {"type": "null"}]}
    return found
