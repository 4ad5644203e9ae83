"""A definition that somebody typed or pasted, as JSON or as YAML, with nothing in it that JSON cannot say.

YAML is read event by event: no aliases (a few of them can stand for gigabytes), no tags, no dates, and never deeper
than JSON may be.
"""

import re
from typing import Final

import yaml

from libs.chassis.decider import Rejected
from libs.contracts.codec import MAX_DEPTH, InvalidJson, Json, JsonObject, dump_json, parse_json

FIELD: Final = "spec"
MOST_YAML_CHARACTERS: Final = 100_000
"""Reading YAML takes long; JSON may be as long as a form."""

_WORDS: Final[dict[str, Json]] = {
    "null": None,
    "~": None,
    "": None,
    "true": True,
    "false": False,
}
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)


def read_spec(text: str) -> JsonObject | Rejected:
    """The definition, or why the text is none."""
    if not text.strip():
        return _refused("a definition as JSON or YAML, but the field is empty")
    try:
        value = parse_json(text.encode()) if text.lstrip().startswith("{") else _from_yaml(text)
    except InvalidJson as error:
        return _refused(f"JSON or YAML, but {error}")
    return value if isinstance(value, dict) else _refused("an object with a name and steps, but it is something else")


def _refused(rest: str) -> Rejected:
    return Rejected("invalid_argument", f"expected {rest}", FIELD)


def _from_yaml(text: str) -> Json:
    """Raises `InvalidJson`."""
    if len(text) > MOST_YAML_CHARACTERS:
        raise InvalidJson(f"this has more than the {MOST_YAML_CHARACTERS:,} characters that are read of YAML; use JSON")
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        raise InvalidJson(_where(error)) from None
    except yaml.YAMLError as error:
        raise InvalidJson(" ".join(str(error).split())) from None
    return parse_json(dump_json(reader.value))


def _where(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark
    place = "" if mark is None else f" at line {mark.line + 1} column {mark.column + 1}"
    return f"{error.problem or 'it cannot be read'}{place}"


class _Reader:
    """Builds the value from events; `value` is it when all were taken."""

    def __init__(self) -> None:
        self.value: Json = None
        self._open: list[list[Json] | JsonObject] = []
        self._keys: list[str | None] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Raises `InvalidJson` for what JSON cannot say."""
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise InvalidJson("there is more than one document")
            case yaml.AliasEvent():
                raise InvalidJson(f"aliases are not read{_at(event)}")
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._begin({} if isinstance(event, yaml.MappingStartEvent) else [], event)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._open.pop()
                self._keys.pop()

    def _begin(self, container: list[Json] | JsonObject, event: yaml.Event) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise InvalidJson(f"it is nested more than {MAX_DEPTH} levels deep")
        self._put(container, event)
        self._open.append(container)
        self._keys.append(None)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if event.tag is not None and event.tag != "!":
            raise InvalidJson(f"tags are not read{_at(event)}")
        if self._open and isinstance(self._open[-1], dict) and self._keys[-1] is None:
            if event.value in self._open[-1]:
                raise InvalidJson(f"the key {event.value[:64]!r} is there twice{_at(event)}")
            self._keys[-1] = event.value
        else:
            self._put(_plain(event.value) if event.implicit[0] else event.value, event)

    def _put(self, value: Json, event: yaml.Event) -> None:
        if not self._open:
            self.value = value
            return
        container, key = self._open[-1], self._keys[-1]
        if isinstance(container, list):
            container.append(value)
        elif key is None:
            raise InvalidJson(f"a key has to be text{_at(event)}")
        else:
            container[key] = value
            self._keys[-1] = None


def _plain(text: str) -> Json:
    """What a text without quotation marks means, as JSON would have it; a text if it means nothing else."""
    if text in _WORDS:
        return _WORDS[text]
    return parse_json(text.encode()) if _NUMBER.fullmatch(text) else text


def _at(event: yaml.Event) -> str:
    return "" if event.start_mark is None else f" (line {event.start_mark.line + 1})"
