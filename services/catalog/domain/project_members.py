"""Who may use a project while it is restricted.

Mobius knows keys, not people, so a member is a key: one of the whole installation that was added. The keys that belong
to the project are members by birth, and the installation's administrators need not be any.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final

from libs.chassis.decider import Rejected
from libs.contracts.events.catalog import ProjectMemberAdded, ProjectMemberRemoved
from services.catalog.domain.keys import ApiKey
from services.catalog.domain.projects import Project

MOST_MEMBERS: Final = 1_000
"""All of them travel with the project's state."""

TOO_MANY: Final = Rejected(
    "invalid_argument", f"expected at most {MOST_MEMBERS} members, but there would be more", field="user_id"
)
UNKNOWN: Final = Rejected(
    "invalid_argument",
    "expected the id of a valid API key of this project or of the whole installation, but it is none",
    field="user_id",
)
BY_BIRTH: Final = Rejected(
    "invalid_argument",
    "expected a member that was added, but the key belongs to this project: revoke it to end that",
    field="user_id",
)
THE_LAST: Final = Rejected(
    "invalid_argument",
    "expected another member to stay, but this is the last one: set access_mode to org_open or add another first",
    field="user_id",
)
NO_MEMBER: Final = Rejected("not_found", "expected a member, but there is none")


@dataclass(frozen=True, slots=True)
class AddMember:
    """`key` is what the id names: None for nothing, or for nothing that is valid."""

    key: ApiKey | None


@dataclass(frozen=True, slots=True)
class RemoveMember:
    """`born_here`: the id names a key of the project. `others_born` says whether there are valid keys of it at all;
    `valid` are the ids of those added whose keys are neither revoked nor expired."""

    key_id: str
    born_here: bool
    others_born: bool
    valid: Set[str]


def add_member(state: Project, command: AddMember) -> Sequence[ProjectMemberAdded] | Rejected:
    """No events for one that is a member already."""
    key = command.key
    if key is None or key.project not in (None, state.handle):
        return UNKNOWN
    if key.project == state.handle or key.key_id in state.members:
        return []
    return seeded(state, [key.key_id])


def seeded(state: Project, key_ids: Sequence[str]) -> Sequence[ProjectMemberAdded] | Rejected:
    """Those of the keys that are not members yet become it."""
    fresh = [key_id for key_id in key_ids if key_id not in state.members]
    if len(state.members) + len(fresh) > MOST_MEMBERS:
        return TOO_MANY
    return [ProjectMemberAdded(project_id=state.project_id, handle=state.handle, key_id=key_id) for key_id in fresh]


def remove_member(state: Project, command: RemoveMember) -> Sequence[ProjectMemberRemoved] | Rejected:
    """A restricted project keeps its last member. A key that opens nothing any more keeps nobody in, so it neither
    counts nor has to stay."""
    if command.born_here:
        return BY_BIRTH
    if command.key_id not in state.members:
        return NO_MEMBER
    valid = state.members.keys() & command.valid
    if state.access_mode == "restricted" and valid == {command.key_id} and not command.others_born:
        return THE_LAST
    return [ProjectMemberRemoved(project_id=state.project_id, handle=state.handle, key_id=command.key_id)]
