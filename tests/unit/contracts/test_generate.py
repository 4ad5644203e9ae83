"""The generator writes what is missing, names what is stale, and refuses to break what was released."""

from pathlib import Path

import orjson
import pytest

from libs.contracts.generate import ASYNCAPI, LOCK, SCHEMAS, generated_schemas, main, read_lock
from libs.contracts.publication import asyncapi, pages
from libs.contracts.publication.documents import schemas
from libs.contracts.publication.lock import Locked, digest, next_lock, objections

RUN_COMPLETED = SCHEMAS / "run.completed/v1.json"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree in which everything is generated and nothing released."""
    assert main([], tmp_path) == 0
    return tmp_path


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_what_was_written_is_not_stale(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()

    assert main(["--check"], tree) == 0
    assert main([], tree) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "path", [RUN_COMPLETED, LOCK, ASYNCAPI, Path("docs/reference/events.md"), Path("docs/reference/topics.md")]
)
def test_a_stale_file_is_named_by_check_and_written_anew(
    tree: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = (tree / path).read_bytes()
    (tree / path).write_bytes(b"{}" if path == LOCK else right + b" ")
    capsys.readouterr()

    assert main(["--check"], tree) == 1
    assert capsys.readouterr().out.startswith(f"{path}: expected what the classes say, but it is stale")
    assert main([], tree) == 0
    assert (tree / path).read_bytes() == right


def test_check_writes_nothing(tmp_path: Path) -> None:
    assert main(["--check"], tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_schema_without_a_class_is_stale_and_removed(tree: Path) -> None:
    orphan = tree / SCHEMAS / "run.imagined/v1.json"
    orphan.parent.mkdir()
    orphan.write_bytes(b"{}")

    assert main(["--check"], tree) == 1
    assert main([], tree) == 0
    assert not orphan.exists()


def test_before_the_release_anything_may_change(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "libs.contracts.generate.schemas", lambda: {"run.completed/v1": {"type": "object", "properties": {}}}
    )
    monkeypatch.setattr(pages, "events_page", lambda _: "")
    monkeypatch.setattr(asyncapi, "document", lambda _: {})

    assert main([], tree) == 0
    assert list(read_lock(tree)) == ["run.completed/v1"]


def test_a_release_marks_every_version(tree: Path) -> None:
    assert {entry.released for entry in read_lock(tree).values()} == {False}

    assert main(["--release"], tree) == 0

    assert {entry.released for entry in read_lock(tree).values()} == {True}
    assert main(["--check"], tree) == 0


def test_a_released_schema_is_not_edited_by_hand(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--release"], tree)
    edit(tree / RUN_COMPLETED, "Every path has ended", "Some path has ended")
    capsys.readouterr()

    assert main([], tree) == 1
    assert capsys.readouterr().out == (
        "run.completed/v1: expected the schema file as it was released, but it was edited\n"
    )


def test_after_the_release_a_breaking_change_is_refused_and_nothing_is_written(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--release"], tree)
    before = {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}
    changed = orjson.loads((tree / RUN_COMPLETED).read_bytes())
    changed["properties"]["summary"] = changed["properties"].pop("outputs")
    generated = {**schemas(), "run.completed/v1": changed}
    monkeypatch.setattr("libs.contracts.generate.schemas", lambda: generated)
    capsys.readouterr()

    assert main([], tree) == 1
    assert capsys.readouterr().out == (
        "run.completed/v1 at /outputs: expected the field to stay, but it was removed or renamed; "
        "make it a new version\n"
    )
    assert {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()} == before


def test_after_the_release_an_optional_field_and_a_new_version_are_taken(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["--release"], tree)
    grown = orjson.loads((tree / RUN_COMPLETED).read_bytes())
    grown["properties"]["note"] = {"type": "string", "default": ""}
    generated = {**schemas(), "run.completed/v1": grown, "run.completed/v2": {"type": "object"}}
    monkeypatch.setattr("libs.contracts.generate.schemas", lambda: generated)

    assert main([], tree) == 0
    assert orjson.loads((tree / RUN_COMPLETED).read_bytes()) == grown
    lock = read_lock(tree)
    assert (lock["run.completed/v1"].released, lock["run.completed/v2"].released) == (True, False)


def test_a_released_version_does_not_disappear() -> None:
    files = generated_schemas()
    lock = next_lock({}, files, release=True)
    fewer = {name: content for name, content in files.items() if name != "run.completed/v1"}

    assert objections(lock, files, fewer) == [
        "run.completed/v1: expected a released version to stay, but no payload class has it any more"
    ]
    assert objections(lock, fewer, files) == [
        "run.completed/v1: expected the schema file as it was released, but it was removed"
    ]


def test_what_was_released_stays_so_when_its_bytes_change() -> None:
    lock = next_lock({"a/v1": Locked(sha256=digest(b"old"), released=True)}, {"a/v1": b"new", "b/v1": b"other"})

    assert lock == {
        "a/v1": Locked(sha256=digest(b"new"), released=True),
        "b/v1": Locked(sha256=digest(b"other"), released=False),
    }
