"""`python -m services.dispatcher`: runs one dispatcher until a signal."""

import os
import sys

from libs.chassis.service import run
from services.dispatcher.app import build
from services.dispatcher.settings import DispatcherSettings

if __name__ == "__main__":
    sys.exit(run("dispatcher", DispatcherSettings, build, os.environ))
