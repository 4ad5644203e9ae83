"""`If-Match` as callers write it, and the tags that answers carry."""

import pytest

from libs.chassis.decider import Rejected, outdated
from libs.chassis.http.errors import status_of
from libs.chassis.http.preconditions import etag, wanted_tags


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        (None, None),
        ("*", None),
        (" * ", None),
        ('"a"', {"a"}),
        ('"act_1.4"', {"act_1.4"}),
        ('"a", "b"', {"a", "b"}),
        ('"a","b" , "c"', {"a", "b", "c"}),
        ('""', {""}),
        ('W/"a"', set()),
        ('W/"a", "b"', {"b"}),
        ('"a,b"', {"a,b"}),
    ],
)
def test_a_header_names_these_tags(header: str | None, tags: set[str] | None) -> None:
    assert wanted_tags([] if header is None else [header]) == tags


def test_several_lines_of_the_header_are_one_list() -> None:
    assert wanted_tags(['"a"', ' "b", "c" ', 'W/"d"']) == {"a", "b", "c"}


@pytest.mark.parametrize("lines", [("*", '"a"'), ('"a"', "*"), ("*", "*"), ('"a"', "b"), ('"a"', "")])
def test_lines_that_are_no_list_together_are_refused(lines: tuple[str, ...]) -> None:
    assert isinstance(wanted_tags(lines), Rejected)


@pytest.mark.parametrize("header", ["", "a", '"a', 'a"', '"a" "b"', '"a",', "*, *", 'w/"a"', '"a"; "b"', '"é"'])
def test_a_header_that_is_none_is_refused(header: str) -> None:
    refused = wanted_tags([header])
    assert isinstance(refused, Rejected)
    assert (status_of(refused), refused.field) == (400, "header.If-Match")


def test_a_tag_comes_back_as_it_was_answered() -> None:
    wanted = wanted_tags([etag("act_1.4")["ETag"]])
    assert not isinstance(wanted, Rejected)
    assert outdated("act_1.4", wanted) is None
    assert outdated("act_1.5", None) is None
    late = outdated("act_1.5", wanted)
    assert late is not None
    assert (status_of(late), late.details) == (412, {"current_tag": "act_1.5"})
