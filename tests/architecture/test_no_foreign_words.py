"""The project speaks only of itself: no path of one machine, no registry, nothing that cannot be read."""

import re
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


@pytest.fixture(scope="module")
def contents() -> dict[Path, bytes]:
    return {path.relative_to(ROOT): path.read_bytes() for path in project_files()}


def test_every_file_is_text(contents: dict[Path, bytes]) -> None:
    assert [str(path) for path, content in contents.items() if not is_text(content)] == []


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
