"""A flame graph is read back into the shares of its functions."""

from pathlib import Path

from tests.benchmarks.profile.flame import Frame, Share, read_frames, shares

ALL = Frame("all", 0, 0, 100)


def of(name: str, found: list[Share]) -> Share:
    return next(share for share in found if share.name == name)


def test_what_a_function_calls_is_in_its_total_and_not_in_its_own_time() -> None:
    found = shares([ALL, Frame("outer", 1, 0, 80), Frame("inner", 2, 10, 40), Frame("other", 1, 80, 100)])
    assert of("outer", found) == Share("outer", own=0.5, total=0.8)
    assert of("inner", found) == Share("inner", own=0.3, total=0.3)
    assert of("other", found) == Share("other", own=0.2, total=0.2)


def test_a_function_that_calls_itself_counts_once() -> None:
    found = shares([ALL, Frame("again", 1, 0, 60), Frame("again", 2, 0, 20)])
    assert of("again", found) == Share("again", own=0.6, total=0.6)


def test_a_function_under_two_callers_is_summed_up() -> None:
    callers = [ALL, Frame("a", 1, 0, 50), Frame("b", 1, 50, 100)]
    found = shares([*callers, Frame("shared", 2, 0, 10), Frame("shared", 2, 60, 90)])
    assert of("shared", found) == Share("shared", own=0.4, total=0.4)


def test_no_samples_are_no_shares() -> None:
    assert shares([]) == []


def test_boxes_are_read_from_the_picture(tmp_path: Path) -> None:
    box = '<g><title>{}</title><rect x="0%" y="{}" fg:x="{}" fg:w="{}"/></g>'
    outer = box.format("all (1,200 samples, 100%)", 20, 0, 1200)
    inner = box.format("&lt;module&gt; (a.py:1) (300 samples, 25.00%)", 36, 900, 300)
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:fg="http://github.com/jonhoo/inferno"'
    picture = tmp_path / "a.svg"
    picture.write_text(f"<svg {spaces}><g><title>no box</title></g>{inner}{outer}</svg>")
    assert read_frames(picture) == [Frame("all", 20, 0, 1200), Frame("<module> (a.py:1)", 36, 900, 1200)]
