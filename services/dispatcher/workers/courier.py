"""The courier: POSTs jobs to the registered endpoint as long as no live worker lists their action."""

from services.dispatcher.store.actions import ActionBook
from services.dispatcher.store.lanes import Lane
from services.dispatcher.store.sessions import SessionBook


class CourierRule:
    """Which lanes are the courier's: asked anew at every look, so a worker takes over as soon as it polls."""

    def __init__(self, actions: ActionBook, sessions: SessionBook) -> None:
        self._actions = actions
        self._sessions = sessions

    def __call__(self, lane: Lane) -> bool:
        has_endpoint = self._actions.state(lane.project, lane.action) is not None
        return has_endpoint and not self._sessions.is_listed(lane.project, lane.action)
