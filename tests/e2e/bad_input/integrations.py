"""Connections that must be refused, trials with nothing to try, and questions to the catalog that it does not know."""

from libs.contracts.codec import Json
from tests.e2e.bad_input.case import Case

CREDENTIALS: dict[str, tuple[str, Json, str]] = {
    "missing": ("slack", {}, "credentials"),
    "of another kind": ("slack", {"bot_token": "ghp_of-github"}, "credentials.bot_token"),
    "as number": ("slack", {"bot_token": 7}, "credentials.bot_token"),
    "with a line break": ("slack", {"bot_token": "xoxb-a\r\nX-One: 1"}, "credentials.bot_token"),
    "with a stranger": ("slack", {"bot_token": "xoxb-abcd", "team": "x"}, "credentials"),
    "of an app without its key": ("github", {"app_id": "1", "installation_id": "2"}, "credentials"),
    "of two kinds": ("github", {"token": "ghp_abcdef", "app_id": "1"}, "credentials"),
    "of an app with a name for a number": (
        "github",
        {"app_id": "1", "installation_id": "reading", "private_key": "-----BEGIN PRIVATE KEY-----"},
        "credentials.installation_id",
    ),
    "with a path": ("http", {"origin": "https://x.test/path", "bearer_token": "12345678"}, "credentials.origin"),
    "with half a pair": ("http", {"origin": "https://x.test", "username": "ada"}, "credentials"),
}
QUERIES = {
    "limit=0": "limit",
    "limit=201": "limit",
    "available=perhaps": "available",
    "cursor=x": "cursor",
    "by=n": "by",
}

CASES = (
    *(
        Case(f"credentials {name}", "PUT", f"integrations/{slug}", {"credentials": credentials}, place)
        for name, (slug, credentials, place) in CREDENTIALS.items()
    ),
    *(
        Case(f"catalog with {query}", "GET", f"actions/catalog?{query}", place=place)
        for query, place in QUERIES.items()
    ),
    Case("a connection without credentials", "PUT", "integrations/slack", {}, "credentials"),
    Case("a connection with a list", "PUT", "integrations/slack", {"credentials": []}, "credentials"),
    Case("a connection with more", "PUT", "integrations/slack", {"credentials": {}, "test": True}, "test"),
    Case("a connection with nothing known", "PUT", "integrations/x", {"credentials": {}}, status=404, code="not_found"),
    Case("no connection to end", "DELETE", "integrations/http", status=404, code="not_found"),
    Case("no connection to try", "POST", "integrations/http/test", status=409, code="integration_not_connected"),
    Case("a trial of nothing known", "POST", "integrations/x/test", status=404, code="not_found"),
)
