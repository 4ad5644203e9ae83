"""What a page is given, and what it answers with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from libs.access import Access
from libs.chassis.clock import Clock
from libs.chassis.db.reads import Reads
from libs.chassis.decider import Rejected
from libs.chassis.http import Call, Principal, Role
from libs.chassis.http.neighbour import Neighbour
from services.audit.dashboard.address import HOME, Address
from services.audit.dashboard.refusals import is_within, told
from services.audit.dashboard.sessions import Session
from services.audit.store.action_stats import RecentStats
from services.audit.store.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who is signed in. `project` is open to him, or empty on pages outside of projects."""

    call: Call[None, None]
    session: Session
    principal: Principal
    now: datetime
    query: Mapping[str, str] = field(default_factory=dict)
    """The parameters of the address, the last of each name; empty ones are left out."""
    form: Mapping[str, str] | None = None
    """What was filled in and refused; absent: the page is asked for the first time."""
    refusal: Rejected | None = None
    """Why it was refused."""

    @property
    def project(self) -> str:
        return self.call.project

    @property
    def projects_path(self) -> str:
        """The address of the project's pages."""
        return f"{HOME}/projects/{self.project}"

    def param(self, name: str) -> str:
        """A named segment of the path."""
        return self.call.params[name]

    def may(self, role: str) -> bool:
        """Whether the key has this role, or a greater one: what it may not do is not offered."""
        return self.principal.role >= Role[role.upper()]

    def wrong(self, name: str) -> Sequence[str]:
        """Every sentence that was said of a field of the form, and of what is inside of it."""
        return [sentence for field, sentence in told(self.refusal) if is_within(field, name)]

    def wrong_elsewhere(self, names: Sequence[str]) -> Sequence[str]:
        """What was wrong, but with none of these fields: each sentence behind its field, if it has one."""
        return [
            f"{field}: {sentence}" if field else sentence
            for field, sentence in told(self.refusal)
            if not any(is_within(field, name) for name in names)
        ]


@dataclass(frozen=True, slots=True)
class View:
    """A page's content: its title, what its template shows, and the path of the API that answers the same."""

    title: str
    data: Mapping[str, object]
    api: str | None = None
    status: int = 200
    template: str | None = None
    """Another template than the page's own: what is shown once, after a form."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on at another page. `to` is a path of ours, encoded."""

    to: str


Shown: TypeAlias = View | Redirect | Rejected


@dataclass(frozen=True, slots=True)
class Sources:
    """What pages are made of. `reads` are the projections, `catalogue` what there is to call, `api` the
    installation's public API."""

    reads: Reads
    stats: RecentStats
    catalogue: Catalogue
    access: Access
    api: Neighbour
    clock: Clock
    address: Address


def may_change(visit: Visit, sources: Sources) -> bool:
    """Whether changes of the project are offered: the key may make them, and the project takes them."""
    project = sources.access.projects.get(visit.project)
    return visit.may("author") and project is not None and not project.archived


Show: TypeAlias = Callable[[Visit, Sources], Awaitable[Shown]]
Act: TypeAlias = Callable[[Visit, Sources, Mapping[str, str]], Awaitable[Shown]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Something to look at. `path` is below `HOME`; `section` is the entry of the navigation that it belongs to."""

    path: str
    template: str
    show: Show
    section: str = ""
    role: Role = Role.VIEWER
    live: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A form that was sent to `path`. What `act` refuses is shown on `page`, beside what was filled in."""

    path: str
    page: Page
    act: Act
    role: Role = Role.AUTHOR
    edits: bool = True
    """Refused in an archived project."""
