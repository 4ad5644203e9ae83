"""The actions that steps can name: the project's own and the platform's, with compiled gates, from replicas."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from libs.chassis.db.errors import Unavailable
from libs.chassis.decider import Rejected
from libs.contracts.codec import JsonObject
from libs.contracts.events.catalog import ActionState, Annotations
from libs.contracts.events.dispatcher import PlatformActionState
from libs.contracts.schema_gate import Gate, UnfitSchema, compile_schema
from services.engine.domain.actions import ActionContract, ActionOwner

Decision = TypeVar("Decision")

NO_PROMISES = Annotations()


class ActionBook:
    """`catch_up` reads the replicas to their topics' present ends."""

    def __init__(
        self,
        own: Mapping[str, ActionState],
        platform: Mapping[str, PlatformActionState],
        catch_up: Callable[[], Awaitable[None]],
    ) -> None:
        self._misses = 0
        self._catch_up = catch_up
        self._own = own
        self._platform = platform
        self._contracts: dict[str, tuple[ActionState | PlatformActionState, ActionContract]] = {}
        self._catalogs: dict[str, ProjectCatalog] = {}

    async def decided(self, decide: Callable[[], Decision]) -> Decision:
        """What `decide` answers; once more with fresh replicas if it looked for an action in vain, because that may
        have been registered a moment ago, or if it refuses, because an action may have been changed."""
        misses = self._misses
        decision = decide()
        missed = self._misses != misses
        if not missed and not isinstance(decision, Rejected):
            return decision
        try:
            await self._catch_up()
        except Unavailable:
            if missed:
                raise
            return decision
        return decide()

    def catalog(self, project: str) -> "ProjectCatalog":
        """What one project can use."""
        known = self._catalogs.get(project)
        if known is None:
            known = self._catalogs[project] = ProjectCatalog(self, project)
        return known

    def find(self, project: str, name: str) -> ActionContract | None:
        """A platform action goes first, as it does where it is executed."""
        platform = self._platform.get(name)
        if platform is not None and not platform.withdrawn:
            return self._contract(name, platform)
        key = f"{project}/{name}"
        own = self._own.get(key)
        if own is not None and not own.deleted:
            return self._contract(key, own)
        self._misses += 1
        return None

    def _contract(self, key: str, state: ActionState | PlatformActionState) -> ActionContract:
        known = self._contracts.get(key)
        if known is not None and known[0] is state:
            return known[1]
        contract = _contract_of(state)
        self._contracts[key] = (state, contract)
        return contract


class ProjectCatalog:
    """Satisfies the domain's `Catalog`."""

    def __init__(self, book: ActionBook, project: str) -> None:
        self._book = book
        self._project = project

    def get(self, name: str, /) -> ActionContract | None:
        return self._book.find(self._project, name)


def _contract_of(state: ActionState | PlatformActionState) -> ActionContract:
    owner: ActionOwner = "platform" if isinstance(state, PlatformActionState) else "project"
    return ActionContract(
        name=state.name,
        owner=owner,
        input_gate=_gate(state.input_schema),
        annotations=state.annotations or NO_PROMISES,
        endpoint_url=state.endpoint_url if isinstance(state, ActionState) else None,
    )


def _gate(schema: JsonObject | None) -> Gate | None:
    """None where any parameters are fine; so they are for a schema that today's rules would not register."""
    if schema is None:
        return None
    try:
        return compile_schema(schema)
    except UnfitSchema:
        return None
