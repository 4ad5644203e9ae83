"""Who is calling, and what the door asks of the service to find out."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class Role(IntEnum):
    """What a key may do. Each role may do what the ones before it may."""

    VIEWER = 1
    WORKER = 2
    AUTHOR = 3
    ADMIN = 4


@dataclass(frozen=True, slots=True)
class Principal:
    """The holder of a valid key. `project` is the handle it is bound to, None for a key of the whole installation."""

    key_id: str
    role: Role
    project: str | None

    def may_use(self, project: str) -> bool:
        """Whether this key reaches into the project (which need not exist)."""
        return self.project is None or self.project == project


class Authenticator(Protocol):
    """Knows the keys. `version` changes whenever any answer may change: answers are remembered only as long."""

    @property
    def version(self) -> int: ...

    async def principal(self, token: str) -> Principal | None:
        """Who holds this `mbx_…` token; None for an unknown or revoked one."""
        ...


class ProjectDirectory(Protocol):
    """Knows which projects there are."""

    async def exists(self, handle: str) -> bool: ...
