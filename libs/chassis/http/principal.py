"""Who is calling, and what the door asks of the service to find out."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from libs.chassis.decider import Rejected


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
    narrowed: bool = False
    """The key is one of the whole installation, and only this request is bound to the project."""

    @property
    def of_installation(self) -> bool:
        """Whether the key itself is bound to no project."""
        return self.project is None or self.narrowed

    def may_use(self, project: str) -> bool:
        """Whether this key reaches into the project (which need not exist)."""
        return self.project is None or self.project == project


class Authenticator(Protocol):
    """Knows the keys. `version` changes whenever any answer may change, its own or the directory's: answers are
    remembered only as long, and who waits is looked at again."""

    @property
    def version(self) -> int: ...

    async def principal(self, token: str) -> Principal | None:
        """Who holds this `mbx_…` token; None for an unknown or revoked one."""
        ...

    def used(self, principal: Principal) -> None:
        """A call with this key was let in. Called for every one, so it has to be cheap."""
        ...


class ProjectDirectory(Protocol):
    """Knows which projects there are, and to whom they are open."""

    async def admits(self, principal: Principal, handle: str) -> bool:
        """Whether there is such a project and it is open to this key, which reaches into it by its own binding."""
        ...

    async def closed(self, handle: str) -> Rejected | None:
        """Why nothing in this project may be begun or changed, if that is so. Reading is never refused."""
        ...
