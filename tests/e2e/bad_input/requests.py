"""Requests that must be refused before anybody looks at what they want: bytes, headers, keys, paths, queries."""

from libs.chassis.http import encode_cursor
from tests.e2e.bad_input.case import Case

BEFORE_ALL_TIME = encode_cursor("0001-01-01T00:00:00+14:00", "x")
"""A moment that UTC does not have."""

GOOD = b'{"name": "never-made", "endpoint_url": "http://127.0.0.1:9/x"'


def raw(name: str, body: bytes, field: str | None = None) -> Case:
    return Case(f"body: {name}", "POST", "actions", body, field)


def keyed(name: str, authorization: str | None) -> Case:
    return Case(f"key: {name}", "GET", "actions", None, None, 401, "unauthorized", authorization=authorization)


def nowhere(name: str, method: str, path: str, status: int = 404, code: str = "not_found") -> Case:
    return Case(f"path: {name}", method, path, None, None, status, code)


BODIES = (
    raw("empty", b""),
    raw("broken", b'{"name": '),
    raw("text", b"name=summarize"),
    raw("list", b"[]", ""),
    raw("null", b"null", ""),
    raw("two documents", GOOD + b"} {}"),
    raw("NaN", GOOD + b', "input_schema": {"minimum": NaN}}'),
    raw("infinity", GOOD + b', "input_schema": {"minimum": 1e999}}'),
    raw("integer of 70 bits", GOOD + b', "input_schema": {"minimum": 1180591620717411303424}}'),
    raw("field twice", GOOD + b', "name": "b"}'),
    raw("comment", GOOD + b"} // done"),
    raw("not UTF-8", b'{"name": "\xff", "endpoint_url": "http://127.0.0.1:9/x"}'),
    raw("UTF-16", '{"name": "a"}'.encode("utf-16")),
    raw("half a surrogate", b'{"name": "\\ud800", "endpoint_url": "http://127.0.0.1:9/x"}'),
    raw("NUL", b'{"name": "a\\u0000", "endpoint_url": "http://127.0.0.1:9/x"}'),
    raw("200 levels", GOOD + b', "input_schema": ' + b'{"not":' * 200 + b"{}" + b"}" * 201),
    raw("50,000 levels", b"[" * 50_000),
    Case(
        "body: too large",
        "POST",
        "actions",
        GOOD + b', "description": "' + b"x" * 300_000 + b'"}',
        "description",
        413,
        "payload_too_large",
    ),
    Case(
        "body: too large deep inside",
        "POST",
        "workflows/{workflow}/runs",
        b'{"metadata": {"a": "b"}, "inputs": {"doc_id": "a", "pages": ["a", "' + b"x" * 300_000 + b'"]}}',
        "inputs.pages[1]",
        413,
        "payload_too_large",
    ),
    Case(
        "body: far too large",
        "POST",
        "actions",
        GOOD + b', "description": "' + b"x" * 5_000_000 + b'"}',
        None,
        413,
        "payload_too_large",
    ),
    Case("body: form", "POST", "actions", b"a=1", "header.Content-Type", headers={"Content-Type": "text/plain"}),
    Case(
        "body: compressed",
        "POST",
        "actions",
        GOOD + b"}",
        "header.Content-Encoding",
        headers={"Content-Encoding": "br"},
    ),
)

KEYS = (
    keyed("missing", None),
    keyed("empty", "Bearer "),
    keyed("no scheme", "mbx_0000000000000000000000000000000000000000000"),
    keyed("basic", "Basic bWJ4XzAwMDA6"),
    keyed("unknown", "Bearer mbx_0000000000000000000000000000000000000000000"),
    keyed("another form", "Bearer sk_0000000000000000000000000000000000000000000"),
    keyed("two", "Bearer mbx_00000000000000000000 mbx_11111111111111111111"),
    keyed("foreign handle", "Bearer elsewhere/mbx_0000000000000000000000000000000000000000000"),
    keyed("300 characters", "Bearer mbx_" + "0" * 300),
    Case("key: 20,000 characters", "GET", "actions", authorization="Bearer mbx_" + "0" * 20_000),
)

PATHS = (
    nowhere("unknown project", "GET", "/v1/projects/elsewhere/actions"),
    nowhere("unknown project of runs", "GET", "/v1/projects/elsewhere/runs"),
    nowhere("unknown project of jobs", "GET", "/v1/projects/elsewhere/jobs/job_none"),
    nowhere("unknown project of the log", "GET", "/v1/projects/elsewhere/action-audit-log"),
    nowhere("unknown", "GET", "/v1/nothing"),
    nowhere("unknown below the project", "GET", "nothing"),
    nowhere("unknown below a run", "GET", "runs/{run}/nothing"),
    nowhere("unknown action", "GET", "actions/nobody-registered-this"),
    nowhere("unknown catalog action", "GET", "actions/catalog/nobody-registered-this"),
    nowhere("outside", "GET", "/v2/projects"),
    nowhere("dots", "GET", "actions/%2e%2e"),
    nowhere("NUL", "GET", "actions/a%00b", 400, "invalid_argument"),
    nowhere("half an escape", "GET", "actions/%2", 400, "invalid_argument"),
    nowhere("not UTF-8", "GET", "actions/%ff", 400, "invalid_argument"),
    nowhere("wrong method on actions", "PUT", "actions", 405, "method_not_allowed"),
    nowhere("wrong method on a run", "DELETE", "runs/{run}", 405, "method_not_allowed"),
    nowhere("wrong method on claim", "GET", "jobs/claim/", 404),
    nowhere("wrong method on the log", "POST", "action-audit-log", 405, "method_not_allowed"),
)


def queried(path: str, query: str, field: str) -> Case:
    return Case(f"query: {path}?{query[:30]}", "GET", f"{path}?{query}", None, field)


QUERIES = (
    queried("workflows", "tag=Team", "tag[0]"),
    queried("workflows", "tag=Team:", "tag[0]"),
    queried("action-audit-log", "status=done", "status"),
    queried("action-audit-log", "cursor=WyIxIiwiMiJd", "cursor"),
    queried("action-audit-log", f"cursor={BEFORE_ALL_TIME}", "cursor"),
    queried("runs", "forked_from=run_1&cursor=never-answered", "cursor"),
    Case("query: NUL", "GET", "runs?external_id=%00"),
    Case("query: not UTF-8", "GET", "runs?external_id=%ff"),
    Case("query: version 0", "GET", "workflows/{workflow}/versions/0", None, "version"),
    Case("query: version text", "GET", "workflows/{workflow}/versions/latest", None, "version"),
    Case("query: no version like this", "GET", "workflows/{workflow}/versions/7", None, None, 404, "not_found"),
)
PAGES = tuple(
    queried(path, query, field)
    for path in ("actions", "workflows", "runs", "action-audit-log")
    for query, field in (
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=abc", "limit"),
        ("limit=", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=never-answered", "cursor"),
        ("cursor=WzFd", "cursor"),
        ("order=name", "order"),
    )
)

CASES = (*BODIES, *KEYS, *PATHS, *QUERIES, *PAGES)
