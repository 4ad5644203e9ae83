"""The jars of the local Kafka broker: resolved by Maven, cached, each checked against the committed SHA-256 sums."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_HERE = Path(__file__).parent
_POM = _HERE / "kafka-pom.xml"
_SUMS = _HERE / "kafka-jars.sha256"


class JarsUnusable(Exception):
    """Maven could not bring the jars, or one of them is not the one that was committed."""


def jar_folder() -> Path:
    """The cache folder of exactly the committed set of jars; another set has another folder."""
    cache = Path(os.path.expanduser("~/.cache/mobius"))
    return cache / f"kafka-{hashlib.sha256(_SUMS.read_bytes()).hexdigest()[:16]}"


def ensure_jars() -> Path:
    """Answers with the folder of the checked jars, asking Maven for them the first time (about 45 MB)."""
    folder = jar_folder()
    if not folder.exists():
        _fetch(folder)
    check_jars(folder)
    return folder


def missing_programs() -> list[str]:
    """Which of the programs that the real broker needs are not on PATH."""
    return [program for program in ("java", "mvn") if shutil.which(program) is None]


def _fetch(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        lib = Path(scratch) / "lib"
        _copy_dependencies(lib)
        check_jars(lib)
        try:
            lib.rename(folder)
        except OSError:  # another start was faster; its set is the same
            if not folder.exists():
                raise


def _copy_dependencies(lib: Path) -> None:
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={lib}"]
    command = [shutil.which("mvn") or "mvn", "-q", "-B", "-f", str(_POM), *goal]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise JarsUnusable(f"expected Maven to bring the Kafka jars, but it said:\n{answer.stdout}{answer.stderr}")


def check_jars(lib: Path) -> None:
    """Raises JarsUnusable unless the folder holds exactly the committed jars."""
    expected = _expected_sums()
    present = {path.name for path in lib.iterdir()}
    if present != set(expected):
        odd = ", ".join(sorted(present ^ set(expected)))
        raise JarsUnusable(f"expected exactly the jars of {_SUMS.name}, but {lib} differs in: {odd}")
    for name, expected_sum in expected.items():
        actual = hashlib.sha256((lib / name).read_bytes()).hexdigest()
        if actual != expected_sum:
            raise JarsUnusable(f"expected {name} to have SHA-256 {expected_sum}, but {lib / name} has {actual}")


def _expected_sums() -> dict[str, str]:
    lines = (line.split() for line in _SUMS.read_text().splitlines() if line)
    return {name: checksum for checksum, name in lines}


def main() -> None:
    """Brings the jars ahead of the first start, where there is a Java to run them."""
    missing = missing_programs()
    if missing:
        print(f"no {' and no '.join(missing)} here: the local stack will use the fallback broker")
        return
    print(f"Kafka's jars are in {ensure_jars()}")


if __name__ == "__main__":
    main()
