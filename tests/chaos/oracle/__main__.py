"""Judges evidence again: `python -m tests.chaos.oracle var/chaos-7/evidence.json`. Exit code 1: something is wrong."""

import sys
from pathlib import Path

from tests.chaos.oracle.judge import violations
from tests.chaos.oracle.observation import load

if __name__ == "__main__":
    found = violations(load(Path(sys.argv[1])))
    print("\n".join(found) or "Nothing is wrong.")
    sys.exit(1 if found else 0)
