"""To whom a project is open."""

from libs.chassis.decider import Rejected
from libs.chassis.http import Principal, Role
from libs.contracts.events.catalog import ProjectState
from libs.contracts.refusals import ARCHIVED_CODE, ARCHIVED_SENTENCE

ARCHIVED = Rejected("invalid_state", ARCHIVED_SENTENCE, code=ARCHIVED_CODE)


def is_open(project: ProjectState, principal: Principal) -> bool:
    """A deleted project is open to nobody. A restricted one is open to its own keys, to the installation's
    administrators, and to those keys of the installation that are its members."""
    if project.deleted:
        return False
    if not principal.of_installation:
        return principal.project == project.handle
    if project.access_mode == "org_open" or principal.role is Role.ADMIN:
        return True
    return principal.key_id in project.members
