"""What the extractive summary promises: verbatim, in order, short, central, and without saying things twice."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.documents import Document, load_documents
from demo.sentences import count_words, sentences
from demo.summarise import Limits, centrality, choose, similarity, summarise, vectorise

DOCUMENTS = list(load_documents().values())

PUMPS = """\
The pump failed because its seal was worn. A worn seal lets water into the pump and the motor stops. The motor of the
pump was dry only where the seal had held. Lunch was served at noon in the yard. Two visitors came by tram from town.
"""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.doc_id)
def test_sentences_of_a_summary_stand_in_the_document_in_that_order(document: Document) -> None:
    text = " ".join(document.text.split())
    places = [text.index(sentence) for sentence in summarise(document.text).sentences]
    assert places == sorted(set(places))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.doc_id)
def test_summary_keeps_its_limits(document: Document) -> None:
    limits = Limits()
    summary = summarise(document.text, limits)
    assert 1 <= len(summary.sentences) <= limits.max_sentences
    assert 0 < summary.words_out <= limits.max_words
    assert summary.words_out == count_words(summary.text) < summary.words_in == count_words(document.text)


def test_hash_is_of_the_documents_bytes() -> None:
    for document in DOCUMENTS:
        assert summarise(document.text).sha256 == hashlib.sha256(document.text.encode()).hexdigest()


def test_different_documents_have_different_summaries() -> None:
    assert len({summarise(document.text).text for document in DOCUMENTS}) == len(DOCUMENTS)


def test_sentence_that_shares_most_with_the_others_is_chosen_and_the_asides_are_not() -> None:
    (chosen,) = summarise(PUMPS, Limits(share=0.1)).sentences
    assert chosen == "A worn seal lets water into the pump and the motor stops."
    ranks = centrality(vectorise([s.text for s in sentences(PUMPS)]), [1.0] * 5)
    assert ranks.index(max(ranks)) == 1
    assert max(ranks[3:]) < min(ranks[:3])


def test_repeated_sentence_is_taken_once() -> None:
    twice = "The bridge is closed to lorries this week. " * 2 + "Cyclists may cross the river by ferry instead."
    summary = summarise(twice, Limits(share=1.0))
    assert summary.sentences == (
        "The bridge is closed to lorries this week.",
        "Cyclists may cross the river by ferry instead.",
    )


def test_near_repetition_gives_way_to_something_new() -> None:
    text = (
        "The old bridge over the river is closed to lorries this week. "
        "This week the old bridge over the river is still closed to all lorries. "
        "A ferry carries cyclists across the river until the bridge opens."
    )
    chosen = choose(sentences(text), "", Limits(share=0.6))
    assert len(chosen) == 2
    assert any("ferry" in sentence.text for sentence in chosen)


def test_title_draws_the_choice_to_its_words() -> None:
    body = "Rain fell on the roof all day. Bees left the hive at noon. Snow lay on the road at night."
    for title, expected in [("Bees", "Bees left the hive at noon."), ("Snow", "Snow lay on the road at night.")]:
        assert summarise(f"{title}\n\n{body}", Limits(share=0.1)).sentences == (expected,)


def test_list_items_are_left_out_while_there_is_prose() -> None:
    text = "Pack the bag on the evening before the walk.\n\n- a lamp and a rope for the bag\n- a map of the walk"
    assert summarise(text, Limits(share=1.0)).sentences == ("Pack the bag on the evening before the walk.",)
    only_items = "- a lamp and a rope for the bag\n- a map of the walk"
    assert summarise(only_items, Limits(share=0.1)).words_out > 0


def test_text_of_one_sentence_is_its_own_summary_whatever_its_length() -> None:
    long = "This sentence is longer than the limit allows for the whole of a summary."
    assert summarise(long, Limits(max_words=3)).sentences == (long,)


def test_empty_text_has_an_empty_summary() -> None:
    summary = summarise(" \n ")
    assert (summary.title, summary.text, summary.words_in, summary.words_out) == ("", "", 0, 0)


def test_similarity_is_one_for_the_same_words_and_zero_without_a_common_one() -> None:
    same, again, other = vectorise(["red lentils simmer", "simmer red lentil", "granite quay"])
    assert similarity(same, again) == pytest.approx(1.0)
    assert similarity(same, other) == 0.0


@given(st.text(max_size=400))
def test_any_text_is_summarised_with_its_own_words(text: str) -> None:
    summary = summarise(text.encode("utf-8", "ignore").decode())
    whole = " ".join(text.encode("utf-8", "ignore").decode().split())
    assert summary.words_out <= summary.words_in
    assert all(word in whole for sentence in summary.sentences for word in sentence.split())


@given(st.lists(st.lists(st.sampled_from("pump seal motor water lamp rope".split()), max_size=6), max_size=8))
def test_ranks_are_a_distribution(lists: list[list[str]]) -> None:
    ranks = centrality(vectorise([" ".join(words) for words in lists]), [1.0] * len(lists))
    assert all(rank > 0 for rank in ranks)
    assert sum(ranks) == pytest.approx(1.0 if lists else 0.0)
