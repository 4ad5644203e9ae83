"""The pages, one file for each subject, and the list of them all."""

from collections.abc import Sequence
from typing import Final

from services.audit.dashboard.pages import (
    action,
    action_ends,
    action_forms,
    actions,
    invocations,
    projects,
    run,
    runs,
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
    *action_forms.PAGES,
    *action_ends.PAGES,
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
    *action_forms.COMMANDS,
    *action_ends.COMMANDS,
    *try_action.COMMANDS,
    *save_workflow.COMMANDS,
    *start_run.COMMANDS,
    *run.COMMANDS,
)
