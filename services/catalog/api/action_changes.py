"""How an action changes and ends, with care for those who use it."""

from typing import Final

from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.http import Answer, Call, Empty, Json
from libs.chassis.http.preconditions import etag, wanted_tags
from libs.contracts.targets import TargetPolicy
from services.catalog.api.calls import context_of
from services.catalog.api.dependents import Dependents, used, with_dependents
from services.catalog.api.models import UpdateActionQuery, UpdateActionRequest
from services.catalog.api.views import action_view
from services.catalog.domain.action_changes import (
    UNCHANGED,
    DeleteAction,
    UpdateAction,
    decide_delete,
)
from services.catalog.store.actions import Actions
from services.catalog.store.commits import Commits

BREAKING: Final = "breaking_change"


class ActionChangeHandlers:
    """Answers PATCH and DELETE `/actions/{action_name}`."""

    def __init__(
        self, actions: Actions, commits: Commits, dependents: Dependents, targets: TargetPolicy, clock: Clock
    ) -> None:
        self._actions = actions
        self._commits = commits
        self._dependents = dependents
        self._targets = targets
        self._clock = clock

    async def update(self, call: Call[UpdateActionRequest, UpdateActionQuery]) -> Answer:
        """200 with the action as it is now; 409 with who is affected where the change could break them."""
        wanted = wanted_tags(call.lines_of("If-Match"))
        if isinstance(wanted, Rejected):
            return wanted
        body, name = call.body, call.params["action_name"]
        annotations = None if body.annotations is None else body.annotations.record()
        command = UpdateAction(
            targets=self._targets,
            title=body.title,
            description=body.description,
            endpoint_url=body.endpoint_url,
            input_schema=body.input_schema,
            output_schema=body.output_schema,
            annotations=annotations if "annotations" in body.model_fields_set else UNCHANGED,
            accept_breaking=call.query.accept_breaking,
            wanted=wanted,
        )
        context = context_of(call, self._clock)
        action = await self._commits.settle(lambda: self._actions.propose_update(name, command, context))
        if isinstance(action, Rejected):
            return await self._told(call, name, action) if action.code == BREAKING else action
        return Json(200, action_view(action), etag(action.tag))

    async def delete(self, call: Call[None, None]) -> Answer:
        """204; 409 while the latest version of a workflow uses it."""
        wanted = wanted_tags(call.lines_of("If-Match"))
        if isinstance(wanted, Rejected):
            return wanted
        name, command, context = call.params["action_name"], DeleteAction(wanted), context_of(call, self._clock)
        decided = decide_delete(await self._actions.get(call.project, name), command, context.now)
        if isinstance(decided, Rejected):
            return decided
        refused = used(name, await self._dependents.of(call, name))
        if refused is not None:
            return refused
        gone = await self._commits.settle(lambda: self._actions.propose_delete(name, command, context))
        return gone if isinstance(gone, Rejected) else Empty(204)

    async def _told(self, call: Call[UpdateActionRequest, UpdateActionQuery], name: str, refused: Rejected) -> Rejected:
        return with_dependents(refused, await self._dependents.of(call, name))
