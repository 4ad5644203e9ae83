"""Paths are found, decoded, and refused when they cannot be."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.chassis.decider import Rejected
from libs.chassis.http.router import Router

SEGMENTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


def shelves() -> Router[str]:
    router: Router[str] = Router()
    for method, path in (
        ("GET", "/a/{x}"), ("GET", "/a/b"), ("GET", "/a/b/{y}"), ("GET", "/a/{x}/c"), ("POST", "/a/{x}"),
        ("GET", "/{z}/b/{y}/d"),
    ):  # fmt: skip
        router.add(method, path, f"{method} {path}")
    return router


@pytest.mark.parametrize(
    ("method", "path", "leaf", "params"),
    [
        ("GET", "/a/b", "GET /a/b", {}),
        ("POST", "/a/b", "POST /a/{x}", {"x": "b"}),
        ("HEAD", "/a/q", "GET /a/{x}", {"x": "q"}),
        ("GET", "/a/b/c", "GET /a/b/{y}", {"y": "c"}),
        ("GET", "/a/q/c", "GET /a/{x}/c", {"x": "q"}),
        ("GET", "/a/b/c/d", "GET /{z}/b/{y}/d", {"z": "a", "y": "c"}),
        ("GET", "/a/q%2Fr?x=%zz", "GET /a/{x}", {"x": "q/r"}),
    ],
)
def test_a_path_finds_its_leaf(method: str, path: str, leaf: str, params: dict[str, str]) -> None:
    assert shelves().match(method, path) == (leaf, params)


@given(SEGMENTS)
def test_any_segment_comes_back_decoded(segment: str) -> None:
    found = shelves().match("POST", f"/a/{quote(segment, safe='')}")
    assert found == ("POST /a/{x}", {"x": segment})


@pytest.mark.parametrize("path", ["/a/%", "/a/%z1", "/a/%e", "/a/%ff", "/a/%00", "/a/%0a", "/%zz/nowhere"])
def test_a_path_that_cannot_be_decoded_is_refused(path: str) -> None:
    found = shelves().match("GET", path)
    assert isinstance(found, Rejected)
    assert found.kind == "invalid_argument"


@given(st.text(max_size=40))
def test_any_path_at_all_is_matched_or_refused(path: str) -> None:
    shelves().match("GET", path)


def test_two_routes_for_one_path_are_a_mistake_of_ours() -> None:
    router = shelves()
    with pytest.raises(ValueError, match="two"):
        router.add("GET", "/a/{other}", "again")
