"""The grammar of tag filters."""

import pytest

from libs.chassis.decider import Rejected
from libs.chassis.http.tag_filters import tag_filters
from libs.contracts.tags import TagFilter


def test_values_any_value_and_choices_are_told_apart() -> None:
    assert tag_filters(["team:docs", "stage:*", "n:1,2"]) == [
        TagFilter("team", "docs"),
        TagFilter("stage", None),
        TagFilter("n", "1,2"),
    ]


@pytest.mark.parametrize("text", ["", "team", "team:", ":docs", "a:b:c"])
def test_what_is_no_filter_is_refused_by_its_place(text: str) -> None:
    refused = tag_filters(["team:docs", text])
    assert isinstance(refused, Rejected)
    assert refused.field == "tag[1]"
