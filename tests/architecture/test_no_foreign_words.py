"""The project speaks only of itself: no path of one machine, no registry, nothing that cannot be read.

Pictures of pages are the exception: few, small, and each shown by a page of the docs.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, project_files


def whole(*pieces: str) -> list[str]:
    """Words that stand here with a dot inside, so that this file keeps the rules it checks."""
    return [word.replace("·", "") for word in pieces]


MACHINE_PATHS = whole(r"/wo·rk", r"/ro·ot", r"/tmp/pl·an", r"/ho·me/\w+", r"/Us·ers/\w+")
REGISTRIES = whole(
    r"py·pi\.org",
    r"python·hosted\.org",
    r"repo1?\.mav·en\.(apache\.)?org",
    r"registry\.np·mjs\.org",
    r"(static\.)?crat·es\.io",
    r"proxy\.go·lang\.org",
    r"deb\.deb·ian\.org",
    r"--(extra-)?ind·ex-url",
    r"--trus·ted-host",
)

FOREIGN = {
    "a path of one machine": re.compile(rf"(?<![\w./-])({'|'.join(MACHINE_PATHS)})(?![\w-])"),
    "a package registry": re.compile("|".join(REGISTRIES), re.IGNORECASE),
}


def foreign_words(text: str) -> list[str]:
    return [
        f"{number}: {what}: {match[0]}"
        for number, line in enumerate(text.splitlines(), start=1)
        for what, pattern in FOREIGN.items()
        if (match := pattern.search(line))
    ]


def is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


PICTURES = Path("docs/pictures")
MOST_PICTURES = 12
LARGEST_PICTURE_BYTES = 150 * 1024
PNG = b"\x89PNG\r\n\x1a\n"


def is_picture(path: Path, content: bytes) -> bool:
    return path.parent == PICTURES and path.suffix == ".png" and content.startswith(PNG)


def picture_offences(contents: Mapping[Path, bytes]) -> Iterator[str]:
    """A sentence for every picture that is too large or that no page shows, and one when they are too many."""
    pictures = {path: content for path, content in contents.items() if is_picture(path, content)}
    shown = {
        (path.parent / target).resolve()
        for path in contents
        if path.suffix == ".md"
        for target in _shown(contents[path])
    }
    if len(pictures) > MOST_PICTURES:
        yield f"{PICTURES}: expected at most {MOST_PICTURES} pictures, but there are {len(pictures)}"
    for path, content in pictures.items():
        if len(content) > LARGEST_PICTURE_BYTES:
            yield f"{path}: expected at most {LARGEST_PICTURE_BYTES} bytes, but it has {len(content)}"
        if path.resolve() not in shown:
            yield f"{path}: expected a page that shows it, but none does"


def _shown(page: bytes) -> list[str]:
    return re.findall(r"(?:\]\(|(?:src|srcset)=\")([^)\s\"#]+\.png)", page.decode("utf-8", "replace"))


@pytest.fixture(scope="module")
def contents() -> dict[Path, bytes]:
    return {path.relative_to(ROOT): path.read_bytes() for path in project_files()}


def test_every_file_is_text_or_a_picture_of_the_docs(contents: dict[Path, bytes]) -> None:
    unreadable = {path: content for path, content in contents.items() if not is_text(content)}

    assert [str(path) for path, content in unreadable.items() if not is_picture(path, content)] == []


def test_pictures_are_few_and_small_and_shown(contents: dict[Path, bytes]) -> None:
    assert list(picture_offences(contents)) == []


SMALL = {PICTURES / "runs.png": PNG, Path("docs/how-to/see.md"): b"![Runs](../pictures/runs.png)"}


def test_a_small_picture_that_a_page_shows_passes() -> None:
    assert list(picture_offences(SMALL)) == []
    assert list(picture_offences({**SMALL, Path("docs/a.md"): b'<source srcset="pictures/runs.png">'})) == []


@pytest.mark.parametrize(
    ("pictures", "sentence"),
    [
        ({PICTURES / "runs.png": PNG + bytes(LARGEST_PICTURE_BYTES)}, "expected at most 153600 bytes"),
        ({PICTURES / "other.png": PNG}, "expected a page that shows it"),
        ({PICTURES / f"{number}.png": PNG for number in range(MOST_PICTURES)}, "expected at most 12 pictures"),
    ],
)
def test_a_picture_too_large_too_many_or_shown_nowhere_is_named(pictures: dict[Path, bytes], sentence: str) -> None:
    assert [offence for offence in picture_offences({**SMALL, **pictures}) if sentence in offence]


@pytest.mark.parametrize("path", ["docs/runs.png", "docs/pictures/runs.gif", "docs/pictures/old/runs.png", "x.png"])
def test_a_picture_elsewhere_or_of_another_kind_is_a_binary(path: str) -> None:
    assert not is_picture(Path(path), PNG)
    assert not is_picture(PICTURES / "runs.png", b"GIF89a\0")


def test_no_file_names_a_machine_or_a_registry(contents: dict[Path, bytes]) -> None:
    texts = {path: content.decode("utf-8", "replace") for path, content in contents.items()}

    assert [f"{path}:{word}" for path, text in texts.items() for word in foreign_words(text)] == []


FOREIGN_LINES = whole(
    "cd /wo·rk/main",
    "see '/ro·ot/.cache'",
    "open('/tmp/pl·an/x')",
    "/ho·me/somebody/x",
    "https://py·pi.org/simple",
    "--ind·ex-url https://example.test/simple",
    "https://repo.mav·en.apache.org/maven2",
)


@pytest.mark.parametrize("line", FOREIGN_LINES)
def test_a_foreign_word_is_noticed_with_its_line(line: str) -> None:
    assert [word[:3] for word in foreign_words(f"fine\n{line}\n")] == ["2: "]


@pytest.mark.parametrize("line", ["GET /worker-sessions", "services/engine/workers/", "a /workflows path", "root/x"])
def test_words_that_only_look_alike_pass(line: str) -> None:
    assert foreign_words(line) == []


def test_bytes_that_are_no_text_are_noticed() -> None:
    assert not is_text(b"\x7fELF\x02\x00")
    assert not is_text(b"\xff\xfe")
