"""What every process counts of itself."""

from libs.chassis.telemetry.metrics import new_registry, render


def test_a_registry_knows_its_build_and_its_process() -> None:
    text = render(new_registry("toyshop", "1.2.3")).decode()
    assert 'mobius_build_info{service="toyshop",version="1.2.3"} 1.0' in text
    assert "process_cpu_seconds_total" in text


def test_two_registries_do_not_share() -> None:
    assert new_registry("a", "1") is not new_registry("a", "1")
