"""Who uses an action. The engine owns workflows and runs, so it is asked, with the caller's own key."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from libs.chassis.decider import Rejected
from libs.chassis.http.call import BodyT_co, Call, QueryT_co
from libs.chassis.http.neighbour import Neighbour
from libs.contracts.codec import Json, JsonObject, parse_own_json

NAMED = 5
"""How many workflows the sentence names; all that the engine listed are in the details."""


class Dependents:
    """Raises `Unavailable` when the engine does not answer."""

    def __init__(self, engine: Neighbour) -> None:
        self._engine = engine

    async def of(self, call: Call[BodyT_co, QueryT_co], action: str) -> JsonObject:
        """What the engine answers to `getActionDependents`."""
        return cast(JsonObject, parse_own_json(await self._engine.get(call, "actions", action, "dependents")))


def used(action: str, dependents: JsonObject) -> Rejected | None:
    """Why the action cannot be deleted: latest versions of workflows name it."""
    workflows = cast("list[Mapping[str, Json]]", dependents["workflows"])
    if not workflows:
        return None
    named = ", ".join(str(workflow["name"]) for workflow in workflows[:NAMED])
    more = ", …" if len(workflows) > NAMED else ""
    sentence = f"expected an action that no workflow uses, but {action} is used by {named}{more}"
    return Rejected("invalid_state", sentence, code="action_in_use", details={"workflows": dependents["workflows"]})


def with_dependents(refused: Rejected, dependents: JsonObject) -> Rejected:
    """The refusal, with everything that is known of those whom the change would concern."""
    known = {name: value for name, value in dependents.items() if name != "action"}
    return replace(refused, details={**(refused.details or {}), **known})
