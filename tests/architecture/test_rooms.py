"""Every service has the same rooms, its files bear the names that the rooms ask for, and its door tells the truth."""

import ast

import pytest

from libs.contracts.topics import SERVICES
from tests.architecture.rooms import EXTRA_ROOMS, REQUIRED, expected_topics, nameless, promised, room_offences
from tests.architecture.tree import ROOT, project_files


def files_of(service: str) -> frozenset[str]:
    home = ROOT / "services" / service
    return frozenset(path.relative_to(home).as_posix() for path in project_files() if path.is_relative_to(home))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_only_its_rooms(service: str) -> None:
    assert list(room_offences(service, files_of(service))) == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_door_of_a_service_agrees_with_the_topics(service: str) -> None:
    door = ast.parse((ROOT / "services" / service / "__init__.py").read_text())
    promise = promised(ast.get_docstring(door) or "")

    assert promise.owns
    assert (promise.hears, promise.says) == expected_topics(service)


def test_the_four_services_and_nothing_else_live_under_services() -> None:
    homes = {path.relative_to(ROOT).parts[1] for path in project_files() if path.is_relative_to(ROOT / "services")}

    assert homes == {"__init__.py", *SERVICES}
    assert len(SERVICES) == 4


def test_no_path_has_a_name_that_says_nothing() -> None:
    paths = [path.relative_to(ROOT).as_posix() for path in project_files()]

    assert {path: word for path in paths if (word := nameless(path))} == {}


COMPLETE = frozenset({*REQUIRED, "consumers/dispatcher_events.py"})

MISPLACED = {
    "engine/sidecars/proxy.py": "sidecars is none",
    "engine/delivery/sender.py": "delivery is none",
    "engine/tools.py": "beside the rooms",
    "engine/consumers/billing_events.py": "in consumers/",
    "engine/workers/reaping.py": "in workers/",
    "engine/migrations/1_add_runs.sql": "in migrations/",
    "engine/store/queries.txt": "in store/",
}


@pytest.mark.parametrize(("file", "sentence"), MISPLACED.items())
def test_a_misplaced_file_is_named(file: str, sentence: str) -> None:
    offences = list(room_offences("engine", COMPLETE | {file.removeprefix("engine/")}))

    assert len(offences) == 1
    assert offences[0].startswith(f"services/{file}: expected ")
    assert sentence in offences[0]


@pytest.mark.parametrize("file", sorted(COMPLETE))
def test_a_missing_file_is_named(file: str) -> None:
    assert list(room_offences("engine", COMPLETE - {file})) == [
        f"services/engine/{file}: expected this file, but it does not exist"
    ]


@pytest.mark.parametrize("service", EXTRA_ROOMS)
def test_an_extra_room_stands_in_its_own_service(service: str) -> None:
    (room,) = EXTRA_ROOMS[service]

    assert not [offence for offence in room_offences(service, frozenset({f"{room}/page.py"})) if room in offence]


DOOR = """Runs.

Owns: runs,
  steps.
Hears: mobius.catalog-events.v1 (facts),
  catalog-action-state
Says: engine-events.

Not dispatcher-events.
"""


def test_a_door_is_read_over_several_lines() -> None:
    promise = promised(DOOR)

    assert promise.owns == "runs,\n  steps."
    assert promise.hears == {"catalog-events", "catalog-action-state"}
    assert promise.says == {"engine-events"}


@pytest.mark.parametrize(
    "path", ["libs/utils.py", "services/engine/domain/run_helpers.py", "libs/common/x.py", "a/misc.sql"]
)
def test_a_nameless_path_is_noticed(path: str) -> None:
    assert nameless(path)
