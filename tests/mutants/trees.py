"""Copies of the checkout, so that nobody's own files are ever without a guard."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.architecture.tree import ROOT, project_files
from tests.mutants.mutant import Mutant


class Tree:
    """A copy with the same virtual environment."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for path in project_files():
            target = root / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        (root / ".venv").symlink_to((ROOT / ".venv").resolve())
        subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)  # some tests ask git which files there are

    @property
    def python(self) -> Path:
        return self.root / ".venv/bin/python"

    @contextmanager
    def without(self, mutant: Mutant) -> Iterator[None]:
        """The guard is gone for as long as the block lasts."""
        file = self.root / mutant.path
        source = file.read_text()
        file.write_text(mutant.of(source))
        try:
            yield
        finally:
            file.write_text(source)
