"""The checkout as the rules see it: its files, and its Python modules as syntax trees."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE_ROOTS = ("libs", "services", "deploy", "demo")


@dataclass(frozen=True)
class Module:
    """One Python file; `path` is relative to the checkout, with forward slashes."""

    path: str
    tree: ast.Module
    lines: int

    @classmethod
    def parse(cls, path: str, source: str) -> "Module":
        return cls(path, ast.parse(source, path), source.count("\n") + (not source.endswith("\n") and source != ""))


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, part of the project: what git tracks and what it does not ignore."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = (ROOT / name for name in sorted(set(listing.stdout.split("\0"))) if name)
    return tuple(path for path in paths if path.is_file())


@cache
def modules(*roots: str) -> tuple[Module, ...]:
    """The Python modules under `roots` (folders of the checkout)."""
    return tuple(_modules(roots))


def _modules(roots: tuple[str, ...]) -> Iterator[Module]:
    for path in project_files():
        relative = path.relative_to(ROOT)
        if relative.parts[0] in roots and path.suffix == ".py":
            yield Module.parse(relative.as_posix(), path.read_text(encoding="utf-8"))


def imported_names(module: Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything a module imports: `from a import b` gives `a.b`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def dotted(node: ast.expr) -> str | None:
    """`a.b.c` for an attribute chain of plain names, else `None`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value)):
        return f"{owner}.{node.attr}"
    return None
