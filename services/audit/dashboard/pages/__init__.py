"""The pages, one file for each subject, and the list of them all."""

from collections.abc import Sequence
from typing import Final

from services.audit.dashboard.pages import projects, run, runs, save_workflow, start_run, workflow, workflows
from services.audit.dashboard.visit import Command, Page

PAGES: Final[Sequence[Page]] = (
    *projects.PAGES,
    *workflows.PAGES,
    *save_workflow.PAGES,
    *start_run.PAGES,
    *workflow.PAGES,
    *runs.PAGES,
    *run.PAGES,
)
COMMANDS: Final[Sequence[Command]] = (*save_workflow.COMMANDS, *start_run.COMMANDS, *run.COMMANDS)
