"""Cutting texts so that they fit, and the places that lie nearest to where things want to be."""

from hypothesis import given
from hypothesis import strategies as st

from services.audit.dashboard.charts.spreading import nearest
from services.audit.dashboard.charts.text_width import fitted, width_of


def test_a_short_text_stays_and_a_long_one_is_cut() -> None:
    assert fitted("notify", 100, 13) == "notify"
    assert fitted("notify everybody who has asked", 100, 13) == "notify everyb…"
    assert fitted("名名名名名名名名", 60, 13) == "名名名…"


@given(st.text(), st.floats(20, 400))
def test_what_was_cut_fits(text: str, room: float) -> None:
    cut = fitted(text, room, 12)
    assert width_of(cut, 12) <= room + 0.001
    assert cut == text or text.startswith(cut[:-1])


def test_two_that_want_the_same_place_share_it() -> None:
    assert nearest([50, 50], [0, 20]) == [40, 60]


@given(st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(1, 300)), min_size=1, max_size=30))
def test_places_keep_apart_and_nobody_moves_without_need(wishes: list[tuple[float, float]]) -> None:
    wanted, room = [wish for wish, _ in wishes], [distance for _, distance in wishes]
    places = nearest(wanted, room)
    for number in range(1, len(places)):
        assert places[number] - places[number - 1] >= room[number] - 1e-6
    again = nearest(places, room)
    assert all(abs(one - other) < 1e-6 for one, other in zip(places, again, strict=True))
