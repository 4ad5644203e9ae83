"""Definitions as people type them: JSON and YAML say the same, and what JSON cannot say is refused with its line."""

from pathlib import Path

import pytest
import yaml

from libs.chassis.decider import Rejected
from libs.contracts.codec import JsonObject, dump_json, indent_json
from services.audit.dashboard.presenters.spec_text import MOST_YAML_CHARACTERS, read_spec

DEMO = Path(__file__).parents[5] / "demo/document-workflow.yaml"


def test_the_published_example_reads_as_the_library_reads_it() -> None:
    assert read_spec(DEMO.read_text()) == yaml.safe_load(DEMO.read_text())


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("name: a", {"name": "a"}),
        ('{"name": "a", "n": 1.0}', {"name": "a", "n": 1.0}),
        ('\n {"name": "a"}\n', {"name": "a"}),
        (
            "a: yes\nb: on\nc: 012\nd: 2030-01-31\ne: 1_000",
            {"a": "yes", "b": "on", "c": "012", "d": "2030-01-31", "e": "1_000"},
        ),
        ("a: true\nb: false\nc: null\nd: ~\ne:", {"a": True, "b": False, "c": None, "d": None, "e": None}),
        ("a: 12\nb: -1.5e3\nc: '12'\nd: \"true\"", {"a": 12, "b": -1500.0, "c": "12", "d": "true"}),
        ("1: a\ntrue: b", {"1": "a", "true": "b"}),
        ("a: |\n  two\n  lines\nb: [1, {c: d}]", {"a": "two\nlines\n", "b": [1, {"c": "d"}]}),
        ("a: ${inputs.x}\nb: '#ops'", {"a": "${inputs.x}", "b": "#ops"}),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
        ("! 'a': b", {"a": "b"}),
    ],
)
def test_a_definition_is_read_as_json_would_have_it(text: str, spec: JsonObject) -> None:
    read = read_spec(text)

    assert read == spec
    assert dump_json(read) == dump_json(spec)
    assert read_spec(indent_json(spec)) == spec


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the field is empty"),
        (" \n\t", "the field is empty"),
        ("just words", "something else"),
        ("- a\n- b", "something else"),
        ('{"a": 1, "a": 2}', "expected JSON or YAML, but"),
        ('{"a": NaN}', "expected JSON or YAML, but"),
        ("a: 1\nb: 2\na: 3", "the key 'a' is there twice (line 3)"),
        ("a: &x 1\nb: *x", "aliases are not read (line 2)"),
        ("a: !!python/object:os.system x", "tags are not read (line 1)"),
        ("a: !secret x", "tags are not read (line 1)"),
        ("a: 1\n---\nb: 2", "there is more than one document"),
        ("[a, b]: c", "a key has to be text (line 1)"),
        ("? {a: b}\n: c", "a key has to be text (line 1)"),
        ("a: [1, 2", "at line"),
        ("a:\n\tb: 1", "at line 2"),
        ("a: 1e999", "expected JSON or YAML, but"),
        ("a: 99999999999999999999", "expected JSON or YAML, but"),
        ("a: \x07", "expected JSON or YAML, but"),
        ('a: "\\ud800"', "expected JSON or YAML, but"),
        ("a: " + "[" * 50_000, "nested more than"),
        ("- " * 400, "nested more than"),
        ("a: " + "x" * MOST_YAML_CHARACTERS, "use JSON"),
    ],
)
def test_what_is_no_definition_is_refused_with_a_sentence_at_the_field(text: str, sentence: str) -> None:
    refused = read_spec(text)

    assert isinstance(refused, Rejected)
    assert refused.field == "spec"
    assert sentence in refused.sentence


def test_many_aliases_are_not_multiplied() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )

    refused = read_spec(bomb)

    assert isinstance(refused, Rejected)
    assert "aliases" in refused.sentence
