"""The API's own description: the documents as they are published, and a viewer for people at `/docs`.

Every service serves the same bytes, so that one alone answers like the whole behind its ingress. The viewer's files
come from an installed package; a page takes nothing from anywhere else, and its policy says so to the browser.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from libs.chassis.http.answers import Answer, Content, Json
from libs.chassis.http.call import Call
from libs.chassis.http.errors import UNKNOWN_PATH
from libs.chassis.http.route import AnyRoute, Route
from libs.contracts.documents import DOCUMENTS, Document, published

_OPERATIONS: Final = {"openapi.json": "getOpenApi", "asyncapi.json": "getAsyncApi"}
_VIEWER: Final = "swagger-ui-py"
_FILES: Final = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "start.js": "text/javascript; charset=utf-8",
    "favicon-32x32.png": "image/png",
}
_OURS: Final = {
    "page.css": b"""\
body { margin: 0; }
noscript { display: block; padding: 1rem; font-family: sans-serif; }
.swagger-ui .info .description p { line-height: 1.7; }
@media (max-width: 640px) {
  .swagger-ui .opblock-tag { flex-wrap: wrap; }
  .swagger-ui .opblock-tag > a { flex: 1; }
  .swagger-ui .opblock-tag small { flex: 0 0 100%; order: 1; padding: 0; }
  .swagger-ui .opblock .opblock-summary-control { flex-wrap: wrap; }
  .swagger-ui .opblock .opblock-summary-path-description-wrapper { flex: 0 0 100%; padding: 5px 0 0; }
  .swagger-ui .opblock .opblock-summary-path { max-width: 100%; }
  .swagger-ui .opblock-body { overflow-x: auto; }
}
""",
    "start.js": b"""\
window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#viewer",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  tagsSorter: "alpha",
  validatorUrl: null,
});
""",
}
_PAGE: Final = b"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mobius HTTP API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/page.css">
</head>
<body>
<main id="viewer"></main>
<noscript>This page needs JavaScript. What it shows is also in <a href="/openapi.json">openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
}


def document_routes() -> Sequence[AnyRoute]:
    """`/openapi.json`, `/asyncapi.json`, and `/docs`. They hold no secret and take no key."""
    documents = [_get(f"/{name}", _OPERATIONS[name], _document(name)) for name in DOCUMENTS]
    return (*documents, _get("/docs", "getDocs", _page), _get("/docs/{file}", "getDocsFile", _file))


def _document(name: Document) -> Callable[[Call[None, None]], Awaitable[Answer]]:
    async def answer(_call: Call[None, None]) -> Answer:
        return Json(200, published(name))

    return answer


async def _page(_call: Call[None, None]) -> Answer:
    return Content(200, _PAGE, "text/html; charset=utf-8", _HEADERS)


async def _file(call: Call[None, None]) -> Answer:
    name = call.params["file"]
    return Content(200, _content(name), _FILES[name], _HEADERS) if name in _FILES else UNKNOWN_PATH


@cache
def _content(name: str) -> bytes:
    if name in _OURS:
        return _OURS[name]
    return Path(str(distribution(_VIEWER).locate_file(f"swagger_ui/static/{name}"))).read_bytes()


def _get(path: str, operation_id: str, handler: Callable[[Call[None, None]], Awaitable[Answer]]) -> AnyRoute:
    return Route(
        method="GET", path=path, operation_id=operation_id, summary=path, handler=handler, role=None, always=True
    )
