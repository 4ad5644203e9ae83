"""Requests about projects and keys that must be refused: names, handles, tags, settings, members, expiry."""

from libs.contracts.codec import Json
from tests.e2e.bad_input.case import Case

PROJECTS, KEYS = "/v1/projects", "/v1/api-keys"
DEFAULT = f"{PROJECTS}/default"

NEW_PROJECTS: dict[str, tuple[Json, str]] = {
    "no-name": ({}, "name"),
    "name-is-empty": ({"name": ""}, "name"),
    "name-is-a-number": ({"name": 7}, "name"),
    "name-has-spaces-around": ({"name": " x"}, "name"),
    "name-has-a-bell": ({"name": "a\x07b"}, "name"),
    "no-handle-in-the-name": ({"name": "日本"}, "handle"),
    "handle-has-capitals": ({"name": "x", "handle": "Docs"}, "handle"),
    "handle-is-too-long": ({"name": "x", "handle": "a" * 64}, "handle"),
    "access-mode-is-unknown": ({"name": "x", "access_mode": "public"}, "access_mode"),
    "tags-are-reserved": ({"name": "x", "tags": {"mobius:a": "1"}}, "tags.mobius:a"),
    "tags-are-too-many": ({"name": "x", "tags": {str(n): "v" for n in range(9)}}, "tags"),
    "field-is-unknown": ({"name": "x", "owner": "me"}, "owner"),
}
SETTINGS: dict[str, tuple[Json, str]] = {
    "category": ([{"category": "queues", "key": "liveness", "value": "9s"}], "[0].category"),
    "key": ([{"category": "timeouts", "key": "claim", "value": "9s"}], "[0].key"),
    "value": ([{"category": "timeouts", "key": "liveness", "value": "soon"}], "[0].value"),
    "twice": ([{"category": "timeouts", "key": "liveness", "value": "9s"}] * 2, "[1].key"),
}
NEW_KEYS: dict[str, tuple[Json, str]] = {
    "no-name": ({"role": "viewer"}, "name"),
    "no-role": ({"name": "x"}, "role"),
    "role-is-unknown": ({"name": "x", "role": "owner"}, "role"),
    "expiry-is-past": ({"name": "x", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
    "expiry-has-no-zone": ({"name": "x", "role": "viewer", "expires_at": "2090-01-01T00:00:00"}, "expires_at"),
    "expiry-is-a-number": ({"name": "x", "role": "viewer", "expires_at": 4_000_000_000}, "expires_at"),
    "expiry-is-no-moment-everywhere": (
        {"name": "x", "role": "viewer", "expires_at": "9999-12-31T23:59:59-14:00"},
        "expires_at",
    ),
    "key-is-given": ({"name": "x", "role": "viewer", "key": "mbx_mine"}, "key"),
}

CASES = (
    *(Case(f"project {name}", "POST", PROJECTS, body, place) for name, (body, place) in NEW_PROJECTS.items()),
    *(Case(f"setting {name}", "PUT", f"{DEFAULT}/config", body, place) for name, (body, place) in SETTINGS.items()),
    *(Case(f"key {name}", "POST", KEYS, body, place) for name, (body, place) in NEW_KEYS.items()),
    Case("project handle is taken", "POST", PROJECTS, {"name": "Default"}, "handle", 409, "already_exists"),
    Case("project handle is changed", "PATCH", DEFAULT, {"handle": "other"}, "handle"),
    Case("project is not archived", "DELETE", DEFAULT, None, None, 409, "project_not_archived"),
    Case("project is nowhere", "PATCH", f"{PROJECTS}/prj_none", {"name": "x"}, None, 404, "not_found"),
    Case("projects by a bad tag", "GET", f"{PROJECTS}?tag=team", None, "tag[0]"),
    Case("projects by an unknown status", "GET", f"{PROJECTS}?status=gone", None, "status"),
    Case("projects from a bad cursor", "GET", f"{PROJECTS}?cursor=x", None, "cursor"),
    Case("member is no key", "POST", f"{DEFAULT}/members", {"user_id": "key_none"}, "user_id"),
    Case("member is nobody", "DELETE", f"{DEFAULT}/members/key_none", None, None, 404, "not_found"),
    Case(
        "key of no project",
        "POST",
        KEYS,
        {"name": "x", "role": "viewer", "project": "none"},
        "project",
        404,
        "not_found",
    ),
    Case("keys from a bad cursor", "GET", f"{KEYS}?cursor=x", None, "cursor"),
    Case("keys of an unknown status", "GET", f"{KEYS}?status=gone", None, "status"),
    Case("key is nowhere", "DELETE", f"{KEYS}/key_none", None, None, 404, "not_found"),
)
