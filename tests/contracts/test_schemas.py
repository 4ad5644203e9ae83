"""The published schemas are fresh, complete, described, and change only as their lock allows."""

from collections.abc import Iterator
from typing import cast

import pytest
from jsonschema import Draft202012Validator

from libs.contracts.codec import JsonObject
from libs.contracts.generate import ROOT, generated_schemas, main, read_lock, recorded_schemas
from libs.contracts.publication.documents import ENVELOPE
from libs.contracts.publication.glossary import FIELDS
from libs.contracts.publication.lock import digest, objections
from libs.contracts.registry import payload_classes
from tests.contracts.schema_files import schema

NAMES = sorted(recorded_schemas())


def test_nothing_that_is_generated_is_stale(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--check"], ROOT)

    assert (code, capsys.readouterr().out) == (0, "")


def test_every_event_and_the_envelope_have_a_schema() -> None:
    assert set(NAMES) == {ENVELOPE, *(f"{type_}/v{version}" for type_, version in payload_classes())}


def test_released_schemas_changed_only_compatibly() -> None:
    assert objections(read_lock(), recorded_schemas(), generated_schemas()) == []


def test_the_lock_knows_every_schema_by_its_bytes() -> None:
    assert {name: entry.sha256 for name, entry in read_lock().items()} == {
        name: digest(content) for name, content in recorded_schemas().items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one_and_names_itself(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))

    assert schema(name)["$id"] == f"urn:mobius:{name.replace('/v', ':')}"


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_and_all_its_fields_are_described(name: str) -> None:
    assert schema(name).get("description"), f"{name}: give the class a docstring"
    for part, fields in field_tables(schema(name)):
        bare = [field for field, value in fields.items() if not cast(JsonObject, value).get("description")]
        assert bare == [], f"{part}: put a string below the field, or the word into publication/glossary.py"


def test_the_glossary_has_no_word_that_no_field_uses() -> None:
    used = {field for name in NAMES for _, fields in field_tables(schema(name)) for field in fields}

    assert sorted(FIELDS.keys() - used) == []


def field_tables(document: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """The `properties` of a schema and of its definitions, by title."""
    definitions = cast("dict[str, JsonObject]", document.get("$defs", {}))
    for part in (document, *definitions.values()):
        yield str(part.get("title")), cast(JsonObject, part.get("properties", {}))
