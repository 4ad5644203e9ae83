"""`python -m services.engine`: runs one engine until a signal."""

import os
import sys

from libs.chassis.service import run
from services.engine.app import build
from services.engine.settings import EngineSettings

if __name__ == "__main__":
    sys.exit(run("engine", EngineSettings, build, os.environ))
