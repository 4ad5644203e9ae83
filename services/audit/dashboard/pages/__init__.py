"""The pages, one file for each subject, and the list of them all."""

from collections.abc import Sequence
from typing import Final

from services.audit.dashboard.pages import projects
from services.audit.dashboard.visit import Command, Page

PAGES: Final[Sequence[Page]] = (*projects.PAGES,)
COMMANDS: Final[Sequence[Command]] = ()
