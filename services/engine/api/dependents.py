"""Who uses an action, over HTTP. Workflows and runs are the engine's, so the engine answers for this path."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from libs.chassis.http import NOT_FOUND, Answer, Call, Json
from services.engine.store.actions import ActionBook
from services.engine.store.dependents import Dependents

LISTED: Final = 100
"""The most of each list; `runs_in_flight` counts them all."""


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class DependentWorkflow(_Answer):
    """A workflow whose latest version uses the action."""

    id: str
    name: str
    latest_version: int = Field(description="The version that names it.")
    steps: list[str] = Field(description="The steps that name the action.")


class DependentRun(_Answer):
    """An open run with a step that names the action, whether it has come to it or not."""

    id: str
    workflow_name: str = Field(description="The workflow's name, also of an inline spec.")
    definition_id: str | None = Field(None, description="The workflow, `wf_…`; absent: an inline spec.")
    definition_version: int | None = Field(None, description="The version that the run began with.")


class DependentVersion(_Answer):
    """A version that open runs began with, be it the latest one or not."""

    workflow_name: str = Field(description="The workflow's name, also of inline specs.")
    definition_id: str | None = Field(None, description="The workflow, `wf_…`; absent: inline specs.")
    definition_version: int | None = Field(None, description="Which of its versions.")
    runs: int = Field(description="How many of them are open.")


class ActionDependents(_Answer):
    """Who uses an action. Lists have at most 100 entries."""

    action: str
    workflows: list[DependentWorkflow] = Field(description="Those whose latest version uses it, by name.")
    runs_in_flight: int = Field(description="Open runs with a step that names it.")
    runs: list[DependentRun] = Field(description="These runs, newest first.")
    versions_in_flight: list[DependentVersion] = Field(description="What these runs began with, most runs first.")
    complete: bool = Field(
        description="Whether all open runs were looked at. If not, there may be more: very old ones, or inline ones."
    )


class DependentHandlers:
    """Answers `/actions/{action_name}/dependents`, for the platform's actions too."""

    def __init__(self, actions: ActionBook, dependents: Dependents) -> None:
        self._actions = actions
        self._dependents = dependents

    async def get(self, call: Call[None, None]) -> Answer:
        """200 with who uses it, 404 for an action that the project cannot use."""
        project, name = call.project, call.params["action_name"]
        if await self._actions.decided(lambda: self._actions.find(project, name)) is None:
            return NOT_FOUND
        workflows = await self._dependents.workflows(project, name, LISTED)
        open_runs = await self._dependents.open_runs(project, name, LISTED)
        return Json(
            200,
            ActionDependents(
                action=name,
                workflows=[
                    DependentWorkflow(
                        id=row["workflow_id"],
                        name=row["name"],
                        latest_version=row["latest_version"],
                        steps=row["steps"],
                    )
                    for row in workflows
                ],
                runs_in_flight=open_runs.in_flight,
                runs=[DependentRun.model_validate({"id": run["run_id"], **run}) for run in open_runs.runs],
                versions_in_flight=[DependentVersion.model_validate(version) for version in open_runs.versions],
                complete=open_runs.complete,
            ),
        )
