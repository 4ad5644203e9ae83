"""What a service folder may contain, and what its docstring promises to say and to hear."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from libs.contracts.topics import SERVICES, TOPICS, Topic

ROOMS: Mapping[str, re.Pattern[str]] = {
    "api": re.compile(r"\w+\.py"),
    "consumers": re.compile(rf"({'|'.join(SERVICES)})_(events|\w*states?)\.py"),
    "workers": re.compile(r"(\w+_)?\w*(er|or|relay)\.py"),
    "domain": re.compile(r"\w+\.py"),
    "store": re.compile(r"\w+\.(py|sql)"),
    "migrations": re.compile(r"\d{4}_(pre|post)_[a-z]+(_[a-z0-9]+)+\.sql|schema\.sql"),
}
"""A room and the names that its files bear. Workers are agent nouns, consumers are named by the speaker."""

EXTRA_ROOMS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "catalog": {"admin": re.compile(r"\w+\.py")},
    "dispatcher": {"delivery": re.compile(r"\w+\.py")},
    "audit": {"dashboard": re.compile(r"[\w.-]+")},
}
FILES = frozenset({"__init__.py", "__main__.py", "app.py", "settings.py"})
REQUIRED = (*sorted(FILES), "api/routes.py", "migrations/schema.sql")

NAMELESS = frozenset({"util", "utils", "common", "helper", "helpers", "misc", "shared_stuff", "stuff"})


@dataclass(frozen=True)
class Promise:
    """The door of a service: what it owns, and the topics that it hears and speaks on."""

    owns: str
    hears: frozenset[str]
    says: frozenset[str]


def room_offences(service: str, files: frozenset[str]) -> Iterator[str]:
    """A sentence for every file of `services/<service>/` that has no place there. `files` are relative to it."""
    rooms = {**ROOMS, **EXTRA_ROOMS.get(service, {})}
    for file in sorted(files):
        room, _, rest = file.partition("/")
        if rest and room not in rooms:
            yield f"services/{service}/{file}: expected one of the rooms {', '.join(rooms)}, but {room} is none"
        elif not rest and file not in FILES:
            yield f"services/{service}/{file}: expected only {', '.join(sorted(FILES))} beside the rooms"
        elif rest and not _fits(rooms[room], rest):
            yield f"services/{service}/{file}: expected a name like {rooms[room].pattern} in {room}/"
    for missing in sorted({*REQUIRED, *_consumers(service)} - files):
        yield f"services/{service}/{missing}: expected this file, but it does not exist"


def _fits(names: re.Pattern[str], rest: str) -> bool:
    name = rest.rpartition("/")[2]
    return name == "__init__.py" or names.fullmatch(name) is not None


def _consumers(service: str) -> frozenset[str]:
    """Who hears a speaker's events has a file for it."""
    return frozenset(f"consumers/{topic.speaker}_events.py" for topic in _heard(service) if not topic.compacted)


def _heard(service: str) -> Iterator[Topic]:
    return (topic for topic in TOPICS.values() if service in topic.hearers)


def promised(docstring: str) -> Promise:
    """Reads `Owns: …`, `Hears: …` and `Says: …`, each until the next or an empty line; topics by their short names."""
    parts = dict(re.findall(r"^(Owns|Hears|Says):(.*?)(?=^(?:Owns|Hears|Says):|\Z|^\s*$)", docstring, re.M | re.S))
    return Promise(parts.get("Owns", "").strip(), _topics(parts.get("Hears", "")), _topics(parts.get("Says", "")))


def _topics(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\b[a-z-]+-(?:events|state)\b", text))


def expected_topics(service: str) -> tuple[frozenset[str], frozenset[str]]:
    """What `service` hears and says according to libs/contracts/topics. Dead letters go without saying."""
    spoken = [topic for topic in TOPICS.values() if topic.speaker == service and not topic.dead_letters]
    return _short(_heard(service)), _short(spoken)


def _short(topics: Iterable[Topic]) -> frozenset[str]:
    """Topics by the middle of their names: `mobius.engine-events.v1` is `engine-events`."""
    return frozenset(topic.name.split(".")[1] for topic in topics if not topic.dead_letters)


def nameless(path: str) -> str | None:
    """The part of a path that says nothing, if there is one."""
    words = (word for part in Path(path).with_suffix("").parts for word in re.split(r"[^a-z]+", part.lower()))
    return next((word for word in words if word in NAMELESS), None)
