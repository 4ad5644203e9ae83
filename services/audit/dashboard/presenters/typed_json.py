"""JSON that somebody typed into a field. What is wrong with it comes with its line."""

from libs.contracts.codec import InvalidJson, Json, JsonObject, parse_json


def typed_json(text: str) -> Json:
    """The value. Raises `InvalidJson`."""
    return parse_json(text.encode("utf-8", "surrogatepass"))


def typed_object(text: str) -> JsonObject:
    """The object. Raises `InvalidJson`."""
    value = typed_json(text)
    if not isinstance(value, dict):
        raise InvalidJson("it is another value")
    return value
