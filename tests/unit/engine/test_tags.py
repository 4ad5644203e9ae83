from collections.abc import Mapping

import pytest

from libs.chassis.decider import Rejected
from services.engine.domain.tags import check_metadata, check_tags, merged


@pytest.mark.parametrize("tags", [{}, {"k": ""}, {"k" * 128: "v" * 256}, {str(n): "v" for n in range(8)}])
def test_good_tags_pass(tags: Mapping[str, str]) -> None:
    assert check_tags(tags) is None


@pytest.mark.parametrize(
    ("tags", "field"),
    [
        ({str(n): "v" for n in range(9)}, "tags"),
        ({"": "v"}, "tags"),
        ({"k" * 129: "v"}, "tags"),
        ({"mobius:system": "v"}, "tags.mobius:system"),
        ({"k": "v" * 257}, "tags.k"),
    ],
)
def test_bad_tags_are_refused(tags: Mapping[str, str], field: str) -> None:
    refused = check_tags(tags)

    assert isinstance(refused, Rejected)
    assert refused.field == field


@pytest.mark.parametrize("metadata", [{str(n): "v" for n in range(65)}, {"": "v"}, {"k": "v" * 257}])
def test_bad_metadata_is_refused(metadata: Mapping[str, str]) -> None:
    assert check_metadata(metadata) is not None


def test_good_metadata_passes() -> None:
    assert check_metadata({str(n): "v" for n in range(64)}) is None


def test_a_caller_overrides_inherited_tags_and_can_take_them_away() -> None:
    assert merged({"team": "docs", "env": "prod"}, {"env": "test", "team": "", "new": "x"}) == {
        "env": "test",
        "new": "x",
    }
