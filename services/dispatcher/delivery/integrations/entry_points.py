"""Finds the integrations that other packages bring along, by the entry points of the group `mobius.integrations`.

The built-in ones are not among them but in a list: Mobius runs from its checkout and is no distribution, so that it has
no metadata that could name them. An entry point names a class or a function that is called with a `Room`.
"""

from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Final

import structlog

from services.dispatcher.delivery.integrations.github import GitHubIntegration
from services.dispatcher.delivery.integrations.http import HttpIntegration
from services.dispatcher.delivery.integrations.port import Integration, Room
from services.dispatcher.delivery.integrations.slack import SlackIntegration

GROUP: Final = "mobius.integrations"

log = structlog.get_logger(__name__)


def built_in(room: Room, slack: tuple[str, str | None], github: tuple[str, str | None]) -> list[Integration]:
    """What Mobius brings along. `slack` and `github`: base URL, and the installation's own token if it has one."""
    return [
        SlackIntegration(slack[1], slack[0], room.limits),
        GitHubIntegration(github[1], github[0], room.limits),
        HttpIntegration(room),
    ]


def found(room: Room, points: Iterable[EntryPoint] | None = None) -> Iterator[Integration]:
    """What other packages bring along, in the order of their names. One that cannot be made is refused with a line in
    the log that names it; the others are there."""
    installed = entry_points(group=GROUP) if points is None else points
    for point in sorted(installed, key=lambda point: point.name):
        try:
            integration = point.load()(room)
            if not isinstance(integration, Integration):
                raise TypeError(f"expected an Integration, but {point.value} made {type(integration).__qualname__}")
        except Exception as error:
            log.error(
                "integration_refused",
                integration=point.name,
                distribution=point.dist.name if point.dist else None,
                error=f"{type(error).__name__}: {error}",
            )
        else:
            yield integration
