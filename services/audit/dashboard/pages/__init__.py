"""The pages, one file for each subject, and the list of them all."""

from collections.abc import Sequence
from typing import Final

from services.audit.dashboard.pages import (
    action,
    actions,
    delete_action,
    invocations,
    projects,
    rotate_secret,
    run,
    runs,
    save_action,
    save_workflow,
    start_run,
    try_action,
    workflow,
    workflows,
)
from services.audit.dashboard.visit import Command, Page

PAGES: Final[Sequence[Page]] = (
    *projects.PAGES,
    *actions.PAGES,
    *action.PAGES,
    *save_action.PAGES,
    *rotate_secret.PAGES,
    *delete_action.PAGES,
    *try_action.PAGES,
    *invocations.PAGES,
    *workflows.PAGES,
    *save_workflow.PAGES,
    *start_run.PAGES,
    *workflow.PAGES,
    *runs.PAGES,
    *run.PAGES,
)
COMMANDS: Final[Sequence[Command]] = (
    *save_action.COMMANDS,
    *rotate_secret.COMMANDS,
    *delete_action.COMMANDS,
    *try_action.COMMANDS,
    *save_workflow.COMMANDS,
    *start_run.COMMANDS,
    *run.COMMANDS,
)
