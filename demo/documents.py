"""The documents of the demo: plain text files, known by the name of their file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DOCUMENTS_FOLDER = Path(__file__).parent / "documents"


@dataclass(frozen=True)
class Document:
    """One text; `doc_id` is the file's name without `.txt`."""

    doc_id: str
    text: str


def load_documents(folder: Path = DOCUMENTS_FOLDER) -> dict[str, Document]:
    """Every `*.txt` of the folder by its id, in the order of the ids. Raises FileNotFoundError when there is none."""
    found = {path.stem: Document(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.txt"))}
    if not found:
        raise FileNotFoundError(f"expected *.txt files in {folder}, but there are none")
    return found
