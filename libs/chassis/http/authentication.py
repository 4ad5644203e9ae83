"""Who calls: bearer keys, remembered only as long as the authenticator's answers cannot have changed."""

import re
from dataclasses import replace

from libs.chassis.decider import Rejected
from libs.chassis.http.errors import NOT_FOUND, UNAUTHORIZED, forbidden
from libs.chassis.http.principal import Authenticator, Principal, ProjectDirectory, Role

_BEARER = re.compile(r"[Bb]earer +(?:(?P<handle>[^/\s]{1,128})/)?(?P<token>mbx_[A-Za-z0-9_-]{1,256})")
_REMEMBERED = 10_000


class Authentication:
    """Turns an Authorization header into a principal that may use this project in this role."""

    def __init__(self, authenticator: Authenticator, projects: ProjectDirectory) -> None:
        self._authenticator = authenticator
        self._projects = projects
        self._known: dict[str, Principal] = {}
        self._version = authenticator.version

    async def admit(
        self, header: str | None, project: str | None, role: Role, *, edits: bool = False
    ) -> Principal | Rejected:
        """401 without a valid key, 404 for a project that it does not reach, 403 for too small a role, and 409 for an
        edit in a project that takes none."""
        principal = await self.principal(header)
        if principal is None:
            return UNAUTHORIZED
        if project is not None and not (principal.may_use(project) and await self._projects.admits(principal, project)):
            return NOT_FOUND
        if principal.role < role:
            return forbidden(
                f"expected a key with the role {role.name.lower()}, but it has {principal.role.name.lower()}"
            )
        closed = await self._projects.closed(project) if edits and project is not None else None
        return principal if closed is None else closed

    async def principal(self, header: str | None) -> Principal | None:
        """Who holds the key in this header, if it is valid now."""
        if header is None:
            return None
        version = self._authenticator.version
        if version != self._version or len(self._known) > _REMEMBERED:
            self._known.clear()
            self._version = version
        known = self._known.get(header)
        if known is not None:
            return known
        principal = await self._look_up(header)
        if principal is not None and version == self._authenticator.version == self._version:
            self._known[header] = principal
        return principal

    async def _look_up(self, header: str) -> Principal | None:
        match = _BEARER.fullmatch(header)
        if match is None:
            return None
        principal = await self._authenticator.principal(match["token"])
        handle: str | None = match["handle"]
        if principal is None or handle is None:
            return principal
        if not principal.may_use(handle):
            return None
        return replace(principal, project=handle, narrowed=principal.of_installation)
