"""What is known after the storm, from every side."""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

Fact: TypeAlias = dict[str, Any]
"""A row of a table, a line of a diary, an answer over HTTP, or an event."""

ENDED = frozenset({"run.completed", "run.failed"})
ACCEPTED = frozenset({"job.completed", "job.failed", "invocation.completed", "invocation.failed"})
"""What ends an invocation with a result that counts."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a topic, as it lies there."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes

    @property
    def event(self) -> Fact:
        event: Fact = json.loads(self.value)
        return event

    @property
    def address(self) -> tuple[str, int, int]:
        return self.topic, self.partition, self.offset

    @property
    def place(self) -> str:
        return f"{self.topic}/{self.partition}@{self.offset}"


@dataclass
class Observation:
    """`tables` by `<service>.<table>`, `diaries` by who kept them, `views` by what was asked over HTTP (`runs`, `jobs`,
    `audit_log`)."""

    records: list[Record] = field(default_factory=list)
    tables: dict[str, list[Fact]] = field(default_factory=dict)
    diaries: dict[str, list[Fact]] = field(default_factory=dict)
    views: dict[str, list[Fact]] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    """The end of each partition (the next offset), by `<topic>/<partition>`."""

    def rows(self, table: str) -> list[Fact]:
        return self.tables.get(table, [])

    def noted(self, what: str, by: str = "") -> Iterator[Fact]:
        """The lines of one kind, of one diary or of all whose name begins so."""
        for name, lines in self.diaries.items():
            if name.startswith(by):
                yield from (line for line in lines if line["what"] == what)

    @property
    def services(self) -> list[str]:
        return sorted({table.partition(".")[0] for table in self.tables})

    @cached_property
    def journals(self) -> dict[str, dict[str, list[Fact]]]:
        """{service: {stream: its events in order}}, as the journals have them."""
        found: dict[str, dict[str, list[Fact]]] = {}
        for service in self.services:
            streams = found.setdefault(service, {})
            for row in sorted(self.rows(f"{service}.journal"), key=lambda row: (row["stream"], row["seq"])):
                streams.setdefault(row["stream"], []).append(json.loads(row["event"]))
        return found

    @property
    def runs(self) -> dict[str, list[Fact]]:
        """{run: its events in order}."""
        streams = self.journals.get("engine", {})
        return {name: events for name, events in streams.items() if events[0]["type"].startswith(("run.", "step."))}

    @property
    def invocations(self) -> dict[str, list[Fact]]:
        """{job or invocation: its events in order}."""
        streams = self.journals.get("dispatcher", {})
        return {name: events for name, events in streams.items() if "invocation_id" in events[0]["data"]}


def save(observation: Observation, path: Path) -> None:
    """As one JSON document; bytes are in base64."""
    document = {
        "records": [[*one.address, _text(one.key), _text(one.value)] for one in observation.records],
        "tables": {name: [_packed(row) for row in rows] for name, rows in observation.tables.items()},
        "diaries": observation.diaries,
        "views": observation.views,
        "ends": observation.ends,
    }
    path.write_text(json.dumps(document))


def load(path: Path) -> Observation:
    document = json.loads(path.read_text())
    return Observation(
        records=[
            Record(topic, partition, offset, base64.b64decode(key), base64.b64decode(value))
            for topic, partition, offset, key, value in document["records"]
        ],
        tables={name: [_unpacked(row) for row in rows] for name, rows in document["tables"].items()},
        diaries=document["diaries"],
        views=document["views"],
        ends=document["ends"],
    )


def read_diary(path: Path) -> list[Fact]:
    """Every whole line: whoever was killed while writing left the last one open."""
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]]


def short(items: Iterable[object], most: int = 5) -> str:
    """The first of them, for a sentence."""
    listed = [str(item) for item in items]
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _packed(row: Fact) -> Fact:
    return {name: {"b64": _text(value)} if isinstance(value, bytes) else value for name, value in row.items()}


def _unpacked(row: Fact) -> Fact:
    return {
        name: base64.b64decode(value["b64"]) if isinstance(value, dict) and set(value) == {"b64"} else value
        for name, value in row.items()
    }
