"""`python -m services.audit`"""

import os
import sys

from libs.chassis.service import run
from services.audit.app import build
from services.audit.settings import AuditSettings

if __name__ == "__main__":
    sys.exit(run("audit", AuditSettings, build, os.environ))
