"""Named SQL: `.sql` files hold statements under `-- name: verb_object`, each with a line that says why it exists."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)\s*$", re.MULTILINE)


@cache
def load_queries(package: str) -> Mapping[str, str]:
    """All named statements of a package's `.sql` files. Raises `ValueError` for a name that stands twice."""
    queries: dict[str, str] = {}
    for file in sorted(files(package).iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".sql"):
            continue
        parts = _NAME.split(file.read_text())
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            if name in queries:
                raise ValueError(f"expected one query named {name}, but {package} has two")
            queries[name] = text.strip().rstrip(";")
    return queries
