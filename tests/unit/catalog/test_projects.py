from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from libs.chassis.decider import Rejected, fold
from libs.chassis.journal.entry import Context, entries
from libs.contracts.events.catalog import (
    ConfigEntry,
    ProjectArchived,
    ProjectConfigured,
    ProjectCreated,
    ProjectDeleted,
    ProjectMemberAdded,
    ProjectMemberRemoved,
    ProjectRestored,
    ProjectState,
    ProjectUpdated,
)
from libs.contracts.payload import Payload
from services.catalog.domain.keys import ApiKey
from services.catalog.domain.project_commands import (
    ARCHIVED,
    GONE,
    NOT_ARCHIVED,
    ArchiveProject,
    ConfigureProject,
    CreateProject,
    DeleteProject,
    ProjectCommand,
    RestoreProject,
    UpdateProject,
    decide,
    decide_creation,
)
from services.catalog.domain.project_members import (
    BY_BIRTH,
    MOST_MEMBERS,
    NO_MEMBER,
    THE_LAST,
    TOO_MANY,
    UNKNOWN,
    AddMember,
    RemoveMember,
)
from services.catalog.domain.projects import Member, Project, announcement, evolve
from tests.doubles.clock import NOON

LATER = NOON + timedelta(hours=1)
BLUE = Project("prj_1", "blue", "Blue", NOON, NOON, created_by="key_0")
SHUT = replace(BLUE, archived_at=NOON)
KEY = ApiKey("key_1", "aa", "everywhere", "author", None, NOON)
BORN = replace(KEY, key_id="key_2", project="blue")
LIVENESS = ConfigEntry(category="timeouts", key="liveness", value="30s")


def after(state: Project | None, said: Sequence[Payload] | Rejected) -> Project:
    """The project after these events, an hour later."""
    assert not isinstance(said, Rejected)
    context = Context(service="catalog", project="blue", now=LATER, actor="key_0")
    version = state.version if state is not None else 0
    project = fold(evolve, state, [entry.event for entry in entries(context, "prj_1", version, "blue", said)])
    assert project is not None
    return project


def test_a_project_is_created_and_announced() -> None:
    command = CreateProject("prj_1", "Blue", "blue", "All that is blue.", "restricted", {"team": "docs"})
    said = decide_creation(None, command, NOON)
    assert said == [
        ProjectCreated(
            project_id="prj_1",
            handle="blue",
            name="Blue",
            description="All that is blue.",
            access_mode="restricted",
            tags={"team": "docs"},
        )
    ]
    assert announcement(after(None, said)) == ProjectState(
        project_id="prj_1", handle="blue", name="Blue", access_mode="restricted"
    )


@pytest.mark.parametrize(
    ("name", "handle"), [("Blue Room", "blue-room"), ("  É — 7!", "7"), ("a" * 100, "a" * 63), ("A_B", "a-b")]
)
def test_a_handle_is_made_from_the_name(name: str, handle: str) -> None:
    said = decide_creation(None, CreateProject("prj_1", name.strip()), NOON)

    assert after(None, said).handle == handle


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (CreateProject("prj_2", "Other", "Blue Room"), "handle"),
        (CreateProject("prj_2", "Other", ""), "handle"),
        (CreateProject("prj_2", "日本"), "handle"),
        (CreateProject("prj_2", " Other"), "name"),
        (CreateProject("prj_2", "Ot\x07her"), "name"),
        (CreateProject("prj_2", "Other", tags={"mobius:x": "y"}), "tags.mobius:x"),
    ],
)
def test_a_bad_project_is_refused_by_its_field(command: CreateProject, field: str) -> None:
    rejected = decide_creation(None, command, NOON)

    assert isinstance(rejected, Rejected)
    assert (rejected.kind, rejected.field) == ("invalid_argument", field)


@pytest.mark.parametrize("taken", [BLUE, SHUT, replace(SHUT, deleted_at=NOON)])
def test_a_handle_is_given_once_and_for_ever(taken: Project) -> None:
    rejected = decide_creation(taken, CreateProject("prj_2", "Other", "blue"), NOON)

    assert isinstance(rejected, Rejected)
    assert (rejected.kind, rejected.field) == ("already_exists", "handle")


def test_an_update_changes_what_it_names() -> None:
    said = decide(BLUE, UpdateProject(description="All.", tags={"team": "docs"}), NOON)
    assert said == [
        ProjectUpdated(
            project_id="prj_1",
            handle="blue",
            name="Blue",
            description="All.",
            access_mode="org_open",
            tags={"team": "docs"},
        )
    ]
    changed = after(BLUE, said)

    assert (changed.name, changed.description, changed.tags) == ("Blue", "All.", {"team": "docs"})
    assert (changed.updated_at, changed.version) == (LATER, 2)
    assert after(changed, decide(changed, UpdateProject(description="", tags={}), NOON)).description is None


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (BLUE, UpdateProject()),
        (BLUE, UpdateProject(name="Blue", access_mode="org_open", tags={})),
        (SHUT, ArchiveProject()),
        (BLUE, RestoreProject()),
        (BLUE, ConfigureProject([])),
        (BLUE, AddMember(BORN)),
        (replace(BLUE, members={"key_1": Member("key_1", NOON)}), AddMember(KEY)),
    ],
)
def test_what_is_so_already_is_not_said_again(state: Project, command: ProjectCommand) -> None:
    assert decide(state, command, NOON) == []
    assert after(state, []) == state


def test_a_project_is_archived_restored_archived_again_and_deleted() -> None:
    assert decide(BLUE, DeleteProject(), NOON) == NOT_ARCHIVED
    archived = after(BLUE, [ProjectArchived(project_id="prj_1", handle="blue")])
    assert decide(BLUE, ArchiveProject(), NOON) == [ProjectArchived(project_id="prj_1", handle="blue")]
    assert (archived.archived_at, announcement(archived).archived) == (LATER, True)
    restored = after(archived, decide(archived, RestoreProject(), NOON))
    assert decide(archived, RestoreProject(), NOON) == [ProjectRestored(project_id="prj_1", handle="blue")]
    assert replace(restored, updated_at=NOON, version=1) == BLUE
    deleted = after(archived, decide(archived, DeleteProject(), NOON))
    assert decide(archived, DeleteProject(), NOON) == [ProjectDeleted(project_id="prj_1", handle="blue")]
    assert (deleted.deleted_at, announcement(deleted).deleted) == (LATER, True)


def without(key_id: str, *valid: str, born_here: bool = False, others_born: bool = False) -> RemoveMember:
    """Take this key away from the members, where these of them are valid."""
    return RemoveMember(key_id, born_here=born_here, others_born=others_born, valid=set(valid))


EDITS: tuple[ProjectCommand, ...] = (
    UpdateProject(name="Other"),
    ConfigureProject([LIVENESS]),
    AddMember(KEY),
    without("key_1", others_born=True),
)


@pytest.mark.parametrize("command", EDITS)
def test_an_archived_project_takes_no_edits(command: ProjectCommand) -> None:
    assert decide(SHUT, command, NOON) == ARCHIVED


@pytest.mark.parametrize("state", [None, replace(SHUT, deleted_at=NOON)])
@pytest.mark.parametrize("command", [*EDITS, ArchiveProject(), RestoreProject(), DeleteProject()])
def test_what_is_gone_answers_nothing(state: Project | None, command: ProjectCommand) -> None:
    assert decide(state, command, NOON) == GONE


def test_settings_replace_those_before() -> None:
    said = decide(BLUE, ConfigureProject([LIVENESS]), NOON)
    assert said == [ProjectConfigured(project_id="prj_1", handle="blue", config=[LIVENESS])]
    configured = after(BLUE, said)

    assert announcement(configured).config == [LIVENESS]
    assert decide(configured, ConfigureProject([LIVENESS]), NOON) == []
    assert after(configured, decide(configured, ConfigureProject([]), NOON)).config == ()


def test_a_key_becomes_a_member_and_stops_being_one() -> None:
    said = decide(BLUE, AddMember(KEY), NOON)
    assert said == [ProjectMemberAdded(project_id="prj_1", handle="blue", key_id="key_1")]
    joined = after(BLUE, said)
    assert joined.members == {"key_1": Member("key_1", LATER, "key_0")}
    assert announcement(joined).members == ["key_1"]
    left = decide(joined, without("key_1", "key_1"), NOON)

    assert left == [ProjectMemberRemoved(project_id="prj_1", handle="blue", key_id="key_1")]
    assert after(joined, left).members == {}


@pytest.mark.parametrize("key", [None, replace(KEY, project="green")])
def test_what_is_no_key_of_this_project_or_of_all_does_not_become_a_member(key: ApiKey | None) -> None:
    assert decide(BLUE, AddMember(key), NOON) == UNKNOWN


def test_members_are_bounded() -> None:
    members = {f"key_{number}x": Member(f"key_{number}x", NOON) for number in range(MOST_MEMBERS)}
    full = replace(BLUE, members=members)

    assert decide(full, AddMember(KEY), NOON) == TOO_MANY
    refused = decide(full, UpdateProject(access_mode="restricted", seed=["key_1"]), NOON)
    assert refused == replace(TOO_MANY, field="seed_existing_members")


def test_only_who_was_added_is_taken_away() -> None:
    assert decide(BLUE, without("key_2", born_here=True, others_born=True), NOON) == BY_BIRTH
    assert decide(BLUE, without("key_9", others_born=True), NOON) == NO_MEMBER


def test_a_restricted_project_keeps_its_last_member() -> None:
    one = replace(BLUE, access_mode="restricted", members={"key_1": Member("key_1", NOON)})

    assert decide(one, without("key_1", "key_1"), NOON) == THE_LAST
    assert decide(one, without("key_1", "key_1", others_born=True), NOON) != THE_LAST


def test_a_member_whose_key_has_ended_counts_for_nobody_and_may_go() -> None:
    members = {key_id: Member(key_id, NOON) for key_id in ("key_1", "key_2", "key_3")}
    state = replace(BLUE, access_mode="restricted", members=members)

    assert decide(state, without("key_1", "key_1"), NOON) == THE_LAST
    assert decide(state, without("key_2", "key_1"), NOON) != THE_LAST
    assert decide(state, without("key_1", "key_1", "key_2"), NOON) != THE_LAST


def test_nobody_is_shut_out_when_the_keys_of_all_become_members() -> None:
    said = decide(BLUE, UpdateProject(access_mode="restricted", seed=["key_1", "key_3"]), NOON)
    restricted = after(BLUE, said)

    assert list(restricted.members) == ["key_1", "key_3"]
    assert restricted.access_mode == "restricted"
    assert after(restricted, decide(restricted, UpdateProject(access_mode="org_open"), NOON)).members
    again = decide(restricted, UpdateProject(name="Other", access_mode="restricted", seed=["key_7"]), NOON)
    assert "key_7" not in after(restricted, again).members


def test_nothing_happens_to_a_project_that_was_never_made() -> None:
    context = Context(service="catalog", project="blue", now=NOON)
    (said,) = entries(context, "prj_1", 0, "blue", [ProjectArchived(project_id="prj_1", handle="blue")])
    assert evolve(None, said.event) is None
