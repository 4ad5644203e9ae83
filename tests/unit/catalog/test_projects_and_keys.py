from libs.chassis.decider import Rejected, fold
from libs.chassis.journal.entry import Context, entries
from libs.contracts.events.catalog import ApiKeyCreated, ApiKeyState, ProjectCreated, ProjectState
from services.catalog.domain import keys, projects
from services.catalog.domain.keys import ApiKey, CreateApiKey
from services.catalog.domain.projects import CreateProject, Project
from tests.doubles.clock import NOON

CONTEXT = Context(service="catalog", project="", now=NOON)
BLUE = Project("prj_1", "blue", "Blue", NOON, NOON)
KEY = ApiKey("key_1", "ci", "author", "blue", NOON)
ISSUE = CreateApiKey("key_1", "aa", "ci", "author", "blue")


def test_a_project_is_created() -> None:
    assert projects.decide(None, CreateProject("prj_1", "blue", "Blue"), NOON) == [
        ProjectCreated(project_id="prj_1", handle="blue", name="Blue")
    ]


def test_a_created_project_is_there_and_announced() -> None:
    said = entries(CONTEXT, "prj_1", 0, "blue", [ProjectCreated(project_id="prj_1", handle="blue", name="Blue")])

    assert fold(projects.evolve, None, [entry.event for entry in said]) == BLUE
    assert projects.announcement(BLUE) == ProjectState(project_id="prj_1", handle="blue", name="Blue")


def test_a_taken_handle_is_refused() -> None:
    rejected = projects.decide(BLUE, CreateProject("prj_2", "blue", "Other"), NOON)

    assert isinstance(rejected, Rejected)
    assert (rejected.kind, rejected.field) == ("already_exists", "handle")


def test_a_bad_handle_is_refused() -> None:
    rejected = projects.decide(None, CreateProject("prj_2", "Blue Room", "Other"), NOON)

    assert isinstance(rejected, Rejected)
    assert (rejected.kind, rejected.field) == ("invalid_argument", "handle")


def test_a_key_is_issued_and_its_event_has_no_hash() -> None:
    events = keys.decide(None, ISSUE, NOON)

    assert events == [ApiKeyCreated(key_id="key_1", name="ci", role="author", project="blue")]
    assert "aa" not in repr(events)


def test_an_issued_key_is_there_and_announced_by_its_hash() -> None:
    said = entries(
        CONTEXT, "key_1", 0, "key_1", [ApiKeyCreated(key_id="key_1", name="ci", role="author", project="blue")]
    )

    assert fold(keys.evolve, None, [entry.event for entry in said]) == KEY
    assert keys.announcement(KEY, "aa") == ApiKeyState(
        key_id="key_1", token_sha256="aa", name="ci", role="author", project="blue"
    )


def test_a_key_is_issued_once() -> None:
    rejected = keys.decide(KEY, ISSUE, NOON)

    assert isinstance(rejected, Rejected)
    assert rejected.kind == "already_exists"
