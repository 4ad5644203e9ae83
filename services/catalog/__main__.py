"""`python -m services.catalog`"""

import os
import sys

from libs.chassis.service import run
from services.catalog.app import build
from services.catalog.settings import CatalogSettings

if __name__ == "__main__":
    sys.exit(run("catalog", CatalogSettings, build, os.environ))
