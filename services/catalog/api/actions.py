"""A project's own actions: register, list, get. How they change: `action_changes`."""

from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.http import NOT_FOUND, Answer, Call, Json, Page, decode_cursor, encode_cursor
from libs.chassis.http.preconditions import etag
from libs.chassis.ids import new_id
from libs.contracts.targets import TargetPolicy
from services.catalog.api.calls import context_of
from services.catalog.api.models import ActionListResponse, CreateActionRequest
from services.catalog.api.once import Once
from services.catalog.api.secret_mint import SecretMint
from services.catalog.api.views import action_view
from services.catalog.domain.actions import CreateAction
from services.catalog.store.actions import Actions

FIRST_VERSION = 1


class ActionHandlers:
    """Answers `/actions` and `/actions/{action_name}`."""

    def __init__(self, actions: Actions, once: Once, mint: SecretMint, targets: TargetPolicy, clock: Clock) -> None:
        self._actions = actions
        self._once = once
        self._mint = mint
        self._targets = targets
        self._clock = clock

    async def create(self, call: Call[CreateActionRequest, None]) -> Answer:
        """201 with the signing secret, this once."""
        body = call.body
        secret, sealed = self._mint.make(call.project, body.name, FIRST_VERSION)
        command = CreateAction(
            action_id=new_id("act"),
            name=body.name,
            endpoint_url=body.endpoint_url,
            secret=sealed,
            targets=self._targets,
            title=body.title,
            description=body.description,
            input_schema=body.input_schema,
            output_schema=body.output_schema,
            annotations=None if body.annotations is None else body.annotations.record(),
        )
        context = context_of(call, self._clock)
        return await self._once.settle(
            call,
            lambda: self._actions.propose_create(command, context),
            lambda action: Json(201, action_view(action, secret), etag(action.tag)),
        )

    async def list(self, call: Call[None, Page]) -> Answer:
        """One page, newest first."""
        before = _position(call.query.cursor)
        if isinstance(before, Rejected):
            return before
        found = await self._actions.page(call.project, before, call.query.limit + 1)
        page, more = found[: call.query.limit], len(found) > call.query.limit
        cursor = encode_cursor(page[-1].action_id) if more else None
        items = [action_view(action) for action in page]
        return Json(200, ActionListResponse(items=items, next_cursor=cursor, has_more=more))

    async def get(self, call: Call[None, None]) -> Answer:
        """200 without the secret, or 404."""
        action = await self._actions.get(call.project, call.params["action_name"])
        return NOT_FOUND if action is None else Json(200, action_view(action), etag(action.tag))


def _position(cursor: str | None) -> str | Rejected | None:
    if cursor is None:
        return None
    position = decode_cursor(cursor, [str])
    return position if isinstance(position, Rejected) else str(position[0])
