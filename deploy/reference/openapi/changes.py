"""What a new document takes away from those who depend on the old one.

Operations are compared by path and method, so that names of shapes may change: `schema_changes` follows references.
What is added may be added: operations, optional parameters and fields of bodies, fields and statuses of answers.
"""

from collections.abc import Iterator, Mapping
from typing import Final, cast

from deploy.reference.openapi.schema_changes import Compare, Comparison
from libs.chassis.http import Role
from libs.contracts.codec import Json, JsonObject

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_OPEN: Final = 0
"""What `x-mobius-role: none` counts as: less than any role."""


def breaks(old: JsonObject, new: JsonObject) -> list[str]:
    """A sentence for everything that an old client would stumble over; none: the new document may take its place."""
    after = dict(_operations(new))
    found: list[str] = []
    for name, operation in _operations(old):
        if name not in after:
            found.append(f"{name}: expected the operation to stay, but it is gone")
        else:
            found += _of_operation(name, operation, after[name], Comparison(old, new))
    return found


def _operations(document: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for path, item in _object(document["paths"]).items():
        for method in _METHODS:
            if method in _object(item):
                yield f"{method.upper()} {path}", _object(_object(item)[method])


def _of_operation(name: str, old: JsonObject, new: JsonObject, comparison: Comparison) -> Iterator[str]:
    if old["operationId"] != new["operationId"]:
        yield f"{name}: expected operationId to stay {old['operationId']}, but it is {new['operationId']}"
    if _least(new) > _least(old):
        yield f"{name}: expected the role {old['x-mobius-role']} to be enough, but it takes {new['x-mobius-role']}"
    yield from _parameters(name, old, new, comparison)
    yield from _bodies(name, old, new, comparison)
    yield from _responses(name, old, new, comparison)


def _least(operation: JsonObject) -> int:
    role = str(operation["x-mobius-role"]).upper()
    return Role[role] if role in Role.__members__ else _OPEN


def _parameters(name: str, old: JsonObject, new: JsonObject, comparison: Comparison) -> Iterator[str]:
    before, after = _by_place(old), _by_place(new)
    for place, parameter in before.items():
        here = f"{name} {' '.join(place)}"
        if place not in after:
            yield f"{here}: expected the parameter to stay, but it is gone"
        else:
            yield from comparison.taken(_object(parameter["schema"]), _object(after[place]["schema"]), here)
    for place, parameter in after.items():
        if parameter.get("required") and not before.get(place, {}).get("required"):
            yield f"{name} {' '.join(place)}: expected no new demand, but the parameter is required"


def _by_place(operation: JsonObject) -> Mapping[tuple[str, str], JsonObject]:
    parameters = [_object(parameter) for parameter in cast("list[Json]", operation.get("parameters", []))]
    return {(str(parameter["in"]), str(parameter["name"])): parameter for parameter in parameters}


def _bodies(name: str, old: JsonObject, new: JsonObject, comparison: Comparison) -> Iterator[str]:
    before, after = _object(old.get("requestBody", {})), _object(new.get("requestBody", {}))
    if before and not after:
        yield f"{name}: expected a body to be read, but there is none any more"
    if after.get("required") and not before.get("required"):
        yield f"{name}: expected no new demand, but a body is required"
    yield from _contents(f"{name} body", before, after, comparison.taken)


def _responses(name: str, old: JsonObject, new: JsonObject, comparison: Comparison) -> Iterator[str]:
    before, after = _object(old["responses"]), _object(new["responses"])
    for status, response in before.items():
        if not status.startswith("2"):
            continue  # which refusals there are may change: clients go by the status's class and by the code
        here = f"{name} {status}"
        if status not in after:
            yield f"{here}: expected the answer to stay, but it is gone"
        else:
            yield from _headers(here, _object(response), _object(after[status]))
            yield from _contents(here, _object(response), _object(after[status]), comparison.told)


def _headers(here: str, old: JsonObject, new: JsonObject) -> Iterator[str]:
    before, after = _object(old.get("headers", {})), _object(new.get("headers", {}))
    for header, told in before.items():
        if header not in after:
            yield f"{here} {header}: expected the header to stay, but it is gone"
        elif _object(told).get("required") and not _object(after[header]).get("required"):
            yield f"{here} {header}: expected the header always to be there, but it may be absent"


def _contents(here: str, old: JsonObject, new: JsonObject, compare: Compare) -> Iterator[str]:
    before, after = _object(old.get("content", {})), _object(new.get("content", {}))
    for media, content in before.items():
        if media not in after:
            yield f"{here}: expected {media} to stay, but it is gone"
        else:
            yield from compare(_object(_object(content)["schema"]), _object(_object(after[media])["schema"]), here)


def _object(node: Json) -> JsonObject:
    return cast(JsonObject, node)
