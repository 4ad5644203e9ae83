"""Settings come from the environment, and everything wrong with it is said at once."""

import pytest
from pydantic import Field, SecretStr

from libs.chassis.settings import InvalidSettings, ServiceSettings, describe, load

ENVIRON = {"TOYSHOP_POSTGRES_URL": "postgres://toy:hunter2@db/toys", "MOBIUS_KAFKA_BOOTSTRAP": "127.0.0.1:9092"}


class ToyshopSettings(ServiceSettings):
    lease_seconds: float = Field(30, gt=0, description="Length of a lease (seconds).")
    targets: tuple[str, ...] = Field((), description="Allowed networks.")
    token: SecretStr | None = Field(None, description="A secret.")


def toyshop(**environ: str) -> ToyshopSettings:
    return load(ToyshopSettings, ENVIRON | environ, "TOYSHOP")


def problems_with(**environ: str) -> tuple[str, ...]:
    with pytest.raises(InvalidSettings) as caught:
        toyshop(**environ)
    return caught.value.problems


def test_a_field_is_read_from_the_services_variable_before_the_shared_one() -> None:
    assert toyshop().lease_seconds == 30
    assert toyshop(MOBIUS_LEASE_SECONDS="20").lease_seconds == 20
    assert toyshop(MOBIUS_LEASE_SECONDS="20", TOYSHOP_LEASE_SECONDS="10").lease_seconds == 10


def test_an_empty_variable_counts_as_unset() -> None:
    assert toyshop(MOBIUS_LEASE_SECONDS="20", TOYSHOP_LEASE_SECONDS=" ").lease_seconds == 20


def test_a_sequence_is_written_with_commas() -> None:
    assert toyshop(TOYSHOP_TARGETS="127.0.0.0/8, ::1/128,").targets == ("127.0.0.0/8", "::1/128")


def test_all_problems_are_named_at_once_by_their_variables() -> None:
    with pytest.raises(InvalidSettings) as caught:
        load(
            ToyshopSettings,
            {"TOYSHOP_PORT": "http", "MOBIUS_LOG_LEVEL": "loud", "TOYSHOP_LEASE_SECOND": "1"},
            "TOYSHOP",
        )
    named = [problem.partition(":")[0] for problem in caught.value.problems]
    assert named == [
        "TOYSHOP_LEASE_SECOND",
        "TOYSHOP_PORT",
        "TOYSHOP_POSTGRES_URL (or MOBIUS_POSTGRES_URL)",
        "TOYSHOP_KAFKA_BOOTSTRAP (or MOBIUS_KAFKA_BOOTSTRAP)",
        "MOBIUS_LOG_LEVEL",
    ]


def test_a_variable_of_another_service_is_nobodys_typo() -> None:
    assert toyshop(BAKERY_LEASE_SECONDS="1", MOBIUS_API_URL="http://127.0.0.1").lease_seconds == 30


def test_a_value_that_is_refused_is_not_repeated() -> None:
    secret = "s3cret-" * 3
    assert secret not in " ".join(problems_with(TOYSHOP_LEASE_SECONDS=secret))


def test_secrets_are_described_as_configured_and_never_shown() -> None:
    shown = describe(toyshop(TOYSHOP_TOKEN="xoxb-1"))
    assert shown["postgres_url"] == shown["token"] == "configured"
    assert shown["lease_seconds"] == 30
    assert "hunter2" not in str(shown)


def test_traces_are_recorded_by_default_exactly_where_an_endpoint_is() -> None:
    assert toyshop().sample_ratio == 0
    assert toyshop(MOBIUS_OTLP_ENDPOINT="http://127.0.0.1:4318").sample_ratio == 1
    assert toyshop(MOBIUS_OTLP_ENDPOINT="http://127.0.0.1:4318", MOBIUS_TRACE_SAMPLE_RATIO="0.1").sample_ratio == 0.1


def test_every_setting_has_a_sentence() -> None:
    fields = ServiceSettings.model_fields.values()
    assert all(field.description and field.description.endswith(".") for field in fields)
