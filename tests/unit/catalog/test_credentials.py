"""Credentials that an integration does not take are refused by field, and nothing of them is repeated."""

import pytest

from libs.chassis.decider import Rejected
from libs.contracts.codec import JsonObject
from services.catalog.domain.integrations import credentials_problem

SECRET = "ghp_of-somebody"
SCHEMA: JsonObject = {
    "type": "object",
    "additionalProperties": False,
    "required": ["token"],
    "properties": {
        "token": {"type": "string", "pattern": "^[a-z]+$", "writeOnly": True},
        "hosts": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def refused(credentials: JsonObject) -> Rejected:
    problem = credentials_problem(SCHEMA, "GitHub", credentials)
    assert problem is not None
    assert SECRET not in repr(problem)
    return problem


def test_what_an_integration_takes_is_no_problem() -> None:
    assert credentials_problem(SCHEMA, "GitHub", {"token": "a"}) is None


@pytest.mark.parametrize(
    ("credentials", "field"),
    [
        ({}, "credentials"),
        ({"token": SECRET}, "credentials.token"),
        ({"token": [SECRET]}, "credentials.token"),
        ({"token": "a", "hosts": {SECRET: 1}}, "credentials.hosts"),
    ],
)
def test_a_field_that_does_not_fit_is_named(credentials: JsonObject, field: str) -> None:
    assert refused(credentials).field == field


@pytest.mark.parametrize("name", [SECRET, f"{SECRET}/token", f"a~1{SECRET}", "token~"])
def test_a_name_that_nobody_knows_is_not_repeated(name: str) -> None:
    sentence = "expected no other fields than token, hosts, but there is one"

    problem = refused({"token": "a", name: "token"})

    assert (problem.field, problem.sentence) == ("credentials", f"credentials: {sentence}")


def test_an_integration_that_takes_none_says_so() -> None:
    problem = credentials_problem(None, "Clock", {"token": SECRET})

    assert problem is not None
    assert problem.kind == "invalid_state"
