"""The action `summarize-document`: what it takes, what it gives, and the work itself.

The receiver and the SDK worker do the same work by calling `summarize_document`, so it does not matter to a workflow
which of them is there.
"""

from __future__ import annotations

from collections.abc import Mapping

from demo.documents import Document
from demo.summarise import summarise
from libs.contracts.codec import JsonObject

ACTION_NAME = "summarize-document"

INPUT_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"doc_id": {"type": "string", "minLength": 1, "maxLength": 200}},
    "required": ["doc_id"],
    "additionalProperties": False,
}

OUTPUT_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "doc_id": {"type": "string"},
        "title": {"type": "string"},
        "summary": {"type": "string"},
        "sentences": {"type": "integer", "minimum": 0},
        "words_in": {"type": "integer", "minimum": 0},
        "words_out": {"type": "integer", "minimum": 0},
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
    "required": ["doc_id", "title", "summary", "sentences", "words_in", "words_out", "sha256"],
    "additionalProperties": False,
}


class UnknownDocument(LookupError):
    """There is no document with that id."""


def registration(endpoint_url: str) -> JsonObject:
    """The body that registers the action with its endpoint."""
    return {
        "name": ACTION_NAME,
        "title": "Summarize a document",
        "description": "Chooses the sentences that say what a document is about.",
        "endpoint_url": endpoint_url,
        "input_schema": INPUT_SCHEMA,
        "output_schema": OUTPUT_SCHEMA,
        "annotations": {"idempotent": True, "destructive": False, "read_only": True},
    }


def summarize_document(documents: Mapping[str, Document], doc_id: str) -> JsonObject:
    """The result of the action for one document. Raises `UnknownDocument`."""
    document = documents.get(doc_id)
    if document is None:
        raise UnknownDocument(f"expected the id of a document that exists, but got {doc_id!r}")
    summary = summarise(document.text)
    return {
        "doc_id": doc_id,
        "title": summary.title,
        "summary": summary.text,
        "sentences": len(summary.sentences),
        "words_in": summary.words_in,
        "words_out": summary.words_out,
        "sha256": summary.sha256,
    }
