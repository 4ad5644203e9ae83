"""The door: what is open to everybody is no more than it has to be."""

from tests.mutants.mutant import Mutant

DOOR = (
    Mutant(
        name="viewer-files-are-listed",
        danger="Whoever has no key reads every file of an installed package, or of a folder above it.",
        path="libs/chassis/http/documents.py",
        old="_FILES[name], _HEADERS) if name in _FILES else UNKNOWN_PATH",
        new='_FILES.get(name, "text/plain"), _HEADERS)',
        killers=("tests/unit/chassis/http/test_documents.py::test_other_files_of_the_package_are_not_served",),
    ),
)
