"""The dashboard as a place: what its pages and their headers say to somebody who is signed in with a canary."""

import re
from html import unescape

from services.audit.dashboard.pages import PAGES
from tests.e2e.installation import Installation
from tests.e2e.visitor import HOME, Seen, Visitor, visiting

PAGES_PLACE = "pages"


async def walked(
    installation: Installation, key: str, action: str, workflow: str, run: str
) -> tuple[dict[str, str], Seen, bytes]:
    """What became secret by it, the page that shows a secret this once, and all that was seen besides: every page, the
    rotation again, refusals, and the door with keys that are nearly right."""
    project = installation.stack.project
    places = {"project": project, "name": action, "handle": workflow, "run": run}
    async with visiting(installation.stack.api_url) as visitor:
        assert (await visitor.sign_in(key)).status == 303
        token = visitor.cookies["mobius_session"]
        rotate = f"{HOME}/projects/{project}/actions/{action}/rotate"
        showing = await visitor.send(rotate, rotate, {"grace_seconds": "600"})
        found = re.search(r"whsec_[\w+/=]+", unescape(showing.text))
        assert found is not None, showing.text
        seen = [await visitor.get(f"{HOME}{page.path.format_map(places)}") for page in PAGES]
        assert {one.status for one in seen} <= {200, 303}
        seen += await _refused(visitor, rotate, key, found[0])
        signed_out = await visitor.sign_out()
    secrets = {"the token of a session": token, "the secret that a page has shown": found[0]}
    return secrets, showing, b"\n".join(map(_said, [*seen, signed_out]))


async def _refused(visitor: Visitor, rotate: str, key: str, secret: str) -> list[Seen]:
    """Where secrets do not belong."""
    other = Visitor(visitor.client, visitor.origin)
    return [
        await visitor.send(rotate, rotate, {"grace_seconds": "soon"}),
        await visitor.get(f"{HOME}/nowhere"),
        await other.sign_in(f"{key}x"),
        await other.sign_in(secret),
        await other.sign_in(f"nobodys/{key}"),
        await other.get(f"{HOME}/projects"),
    ]


def _said(seen: Seen) -> bytes:
    """Body and headers; the cookie is the one place where the token of a session belongs."""
    headers = [f"{name}: {value}" for name, value in seen.headers.items() if name.lower() != "set-cookie"]
    return "\n".join([*headers, seen.plain, seen.text]).encode()
