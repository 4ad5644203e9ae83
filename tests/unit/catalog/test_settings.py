import base64

import pytest

from libs.chassis.settings import InvalidSettings, describe, load
from services.catalog.settings import CatalogSettings

MASTER_KEY = base64.b64encode(bytes(32)).decode()
NEEDED = {
    "CATALOG_POSTGRES_URL": "postgresql://x",
    "MOBIUS_KAFKA_BOOTSTRAP": "127.0.0.1:9092",
    "MOBIUS_MASTER_KEY": MASTER_KEY,
}


def loaded(**more: str) -> CatalogSettings:
    return load(CatalogSettings, NEEDED | more, "CATALOG")


def test_what_is_needed_is_enough() -> None:
    settings = loaded()

    assert settings.bootstrap_project == "default"
    assert settings.bootstrap_api_key is None
    assert settings.allowed_targets == ()


def test_networks_are_written_with_commas() -> None:
    assert loaded(CATALOG_ALLOWED_TARGETS="127.0.0.0/8, 10.1.0.0/16").allowed_targets == ("127.0.0.0/8", "10.1.0.0/16")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MOBIUS_MASTER_KEY", "c2hvcnQ="),
        ("MOBIUS_MASTER_KEY", "not base64!"),
        ("CATALOG_BOOTSTRAP_API_KEY", "mbx_short"),
        ("CATALOG_BOOTSTRAP_API_KEY", "a-password-of-somebody"),
        ("CATALOG_BOOTSTRAP_PROJECT", "My Project"),
        ("CATALOG_ALLOWED_TARGETS", "everywhere"),
        ("CATALOG_PUBLISH_SECONDS", "0"),
        ("CATALOG_ENGINE_URL", "engine:8002"),
        ("CATALOG_ENGINE_URL", "http://engine:8002/v1"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name_and_not_shown(variable: str, value: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        loaded(**{variable: value})

    (problem,) = caught.value.problems
    assert problem.startswith(f"{variable}: ")
    if variable != "CATALOG_ALLOWED_TARGETS":
        assert value not in problem.removeprefix(f"{variable}: ").replace("greater than 0", "")


def test_secrets_are_not_described() -> None:
    described = describe(loaded(CATALOG_BOOTSTRAP_API_KEY="mbx_" + "k" * 43))

    assert described["master_key"] == described["bootstrap_api_key"] == "configured"
    assert MASTER_KEY not in repr(described)
