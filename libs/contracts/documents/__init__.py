"""The published descriptions of the whole installation, as they are served: HTTP (OpenAPI 3.1) and events (AsyncAPI 3).

`openapi.json` is written by `make docs` from the routes of all services, `asyncapi.json` by `make contracts` from the
payload classes and the topics. Both lie here because every service carries this package.
"""

from functools import cache
from importlib.resources import files
from typing import Final, Literal

Document = Literal["openapi.json", "asyncapi.json"]
DOCUMENTS: Final[tuple[Document, ...]] = ("openapi.json", "asyncapi.json")


@cache
def published(name: Document) -> bytes:
    """The document's bytes."""
    return files(__package__).joinpath(name).read_bytes()
