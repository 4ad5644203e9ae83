"""How the demo cuts plain text into a title and sentences."""

import pytest

from demo.documents import load_documents
from demo.sentences import blocks, sentences, title_of


def texts(document: str) -> list[str]:
    return [sentence.text for sentence in sentences(document)]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("One ends here. Two ends here! Three?", ["One ends here.", "Two ends here!", "Three?"]),
        ("It grew by 3.5 per cent. Then it stopped.", ["It grew by 3.5 per cent.", "Then it stopped."]),
        ("Fig. 3 shows it. See it there.", ["Fig. 3 shows it.", "See it there."]),
        ("Bring tools, e.g. Allen keys. Go.", ["Bring tools, e.g. Allen keys.", "Go."]),
        ("It opens at 9 a.m. and closes at noon. Knock.", ["It opens at 9 a.m. and closes at noon.", "Knock."]),
        ("Plan B. Section was written by J. Doe.", ["Plan B. Section was written by J. Doe."]),
        ("“It broke.” Nobody was hurt.", ["“It broke.”", "Nobody was hurt."]),
        ("Wait… then go on. Really?!", ["Wait… then go on.", "Really?!"]),
        ("雨が降った。道は濡れた。", ["雨が降った。", "道は濡れた。"]),
        ("A sentence without an end", ["A sentence without an end"]),
    ],
)
def test_prose_is_cut_where_sentences_end(document: str, expected: list[str]) -> None:
    assert texts(document) == expected


def test_wrapped_lines_become_one_sentence() -> None:
    assert texts("The first half\nand the   second\thalf. Next.") == ["The first half and the second half.", "Next."]


def test_heading_is_the_title_and_no_sentence() -> None:
    document = "How it went\n\nIt went well.\n\nLater\n\nIt ended."
    assert title_of(document) == "How it went"
    assert texts(document) == ["It went well.", "It ended."]


def test_document_without_a_heading_is_titled_by_its_first_sentence() -> None:
    assert title_of("The lift is closed. Use the stairs.") == "The lift is closed."


def test_list_items_are_blocks_of_their_own() -> None:
    found = sentences("Bring these things along.\n\n- a lamp\n- a rope that is\n  long enough\n2. a map")
    assert [(s.text, s.from_list) for s in found] == [
        ("Bring these things along.", False),
        ("a lamp", True),
        ("a rope that is long enough", True),
        ("a map", True),
    ]


@pytest.mark.parametrize("empty", ["", "  \n\n\t\n"])
def test_empty_document_has_nothing(empty: str) -> None:
    assert (title_of(empty), texts(empty), list(blocks(empty))) == ("", [], [])


def test_document_of_headings_only_still_has_sentences() -> None:
    assert texts("Just a heading") == ["Just a heading"]


def test_no_word_of_the_documents_is_lost_between_blocks_and_sentences() -> None:
    for document in load_documents().values():
        prose = [block.text for block in blocks(document.text) if not block.is_heading]
        assert " ".join(texts(document.text)) == " ".join(prose), document.doc_id
