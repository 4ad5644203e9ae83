"""Keys and projects: what has ended has ended, also for who waits; and nobody locks everybody out."""

from tests.mutants.mutant import Mutant

_OPEN = "tests/unit/chassis/http/test_open_calls.py"
_DOOR = "tests/unit/chassis/http/test_door.py"
_ACCESS = "tests/unit/access/test_access.py"
_HANDLER = "tests/unit/dispatcher/test_claim_handler.py"
_KEYS = "tests/integration/catalog/test_keys.py"
_PROJECTS = "tests/unit/catalog/test_projects.py"
_MANY = "tests/unit/chassis/http/test_many_open_calls.py"
_RING = "tests/unit/access/test_keys.py"
_DOOR_FILE = "libs/chassis/http/authentication.py"

ACCESS = (
    Mutant(
        name="no-key-outlives-its-maker",
        danger="Whoever was let in for a day makes a key that never ends.",
        path="services/catalog/domain/keys.py",
        old="    if most is None or (ends_at is not None and ends_at <= most):\n",
        new="    if most is None or ends_at is None or ends_at <= most:\n",
        killers=("tests/unit/catalog/test_keys.py::test_no_key_outlives_the_expiring_one_that_made_it",),
    ),
    Mutant(
        name="no-key-outlives-its-project",
        danger="Keys of a project that is gone look as if they were good, and open what belongs to no project.",
        path="services/catalog/store/keys.sql",
        old="WHERE p.deleted_at IS NOT NULL AND k.revoked_at IS NULL\n",
        new="WHERE p.deleted_at IS NULL AND k.revoked_at IS NOT NULL\n",
        killers=(
            "tests/integration/catalog/test_projects.py"
            "::test_the_keys_of_a_deleted_project_are_revoked_and_its_answers_forgotten",
        ),
    ),
    Mutant(
        name="an-ended-key-is-no-member",
        danger="A restricted project loses its last member, because a revoked key is counted as another one.",
        path="services/catalog/domain/project_members.py",
        old="    valid = state.members.keys() & command.valid\n",
        new="    valid = state.members.keys()\n",
        killers=(f"{_PROJECTS}::test_a_member_whose_key_has_ended_counts_for_nobody_and_may_go",),
    ),
    Mutant(
        name="waiting-ends-with-the-key",
        danger="A key that was revoked goes on claiming jobs and watching runs, for as long as its calls are open.",
        path="libs/chassis/http/open_calls.py",
        old="            _end(tuple(self._open.get(ticket, ())), answer)\n",
        new="            pass\n",
        killers=(
            f"{_OPEN}::test_a_poll_is_answered_401_when_its_key_is_revoked",
            f"{_OPEN}::test_a_stream_ends_whole_when_its_key_is_revoked",
        ),
    ),
    Mutant(
        name="look-again-after-a-look-that-failed",
        danger="A key that is revoked while the broker is away stays good for the calls that wait.",
        path="libs/chassis/http/open_calls.py",
        old="        if failed:\n            raise failed[0]\n",
        new="        _ = failed\n",
        killers=(f"{_OPEN}::test_what_cannot_be_told_now_is_asked_again",),
    ),
    Mutant(
        name="no-job-for-an-ended-key",
        danger="A worker whose key was just revoked is given a job, with its parameters.",
        path="services/dispatcher/api/claims.py",
        old="        if leases and call.over:\n",
        new="        if leases and call.gone.is_set():\n",
        killers=(f"{_HANDLER}::test_all_jobs_of_a_claim_go_back_when_its_key_has_ended_and_the_caller_hears_why",),
    ),
    Mutant(
        name="one-administrator-stays",
        danger="Two administrators revoke each other's key at the same time, and nobody can make keys any more.",
        path="services/catalog/store/keys.py",
        old="        if before.keeps_the_door:\n",
        new="        if before.keeps_the_door and not before.key_id:\n",
        killers=(f"{_KEYS}::test_two_administrators_who_revoke_each_other_leave_one",),
    ),
    Mutant(
        name="deleted-is-open-to-nobody",
        danger="What was in a project can be read after it was deleted.",
        path="libs/access/projects.py",
        old="    if project.deleted:\n        return False\n",
        new="",
        killers=(f"{_ACCESS}::test_a_deleted_project_is_open_to_nobody_and_not_looked_for",),
    ),
    Mutant(
        name="a-narrowed-key-is-not-born-there",
        danger="A key of the installation enters a restricted project by naming it before the key.",
        path="libs/chassis/http/principal.py",
        old="        return self.project is None or self.narrowed\n",
        new="        return self.project is None\n",
        killers=(f"{_ACCESS}::test_a_restricted_project_is_open_to_its_own_its_members_and_administrators",),
    ),
    Mutant(
        name="archived-takes-no-edits",
        danger="An archived project gets new workflows and runs.",
        path="libs/chassis/http/authentication.py",
        old="        return principal if closed is None else closed\n",
        new="        return principal\n",
        killers=(f"{_DOOR}::test_an_archived_project_is_read_and_takes_no_changes",),
    ),
    Mutant(
        name="a-handle-is-given-once",
        danger="A new project with the handle of a deleted one shows the runs of that one.",
        path="services/catalog/domain/project_commands.py",
        old="    if taken is not None:\n",
        new="    if taken is not None and taken.deleted_at is None:\n",
        killers=(f"{_PROJECTS}::test_a_handle_is_given_once_and_for_ever",),
    ),
    Mutant(
        name="a-role-is-enough-or-not",
        danger="A key that may only read registers actions and issues keys.",
        path=_DOOR_FILE,
        old="        if principal.role < role:\n",
        new="        if principal.role < Role.VIEWER:\n",
        killers=(f"{_DOOR}::test_too_small_a_role_is_forbidden",),
    ),
    Mutant(
        name="a-key-stays-in-its-project",
        danger="A key of one project reads and changes every other one.",
        path=_DOOR_FILE,
        old="(principal.may_use(project) and await self._projects.admits(principal, project))",
        new="(await self._projects.admits(principal, project))",
        killers=(
            f"{_DOOR}::test_unknown_ids_foreign_projects_and_unknown_projects_answer_the_same_bytes",
            f"{_DOOR}::test_a_handle_before_a_key_of_the_installation_binds_it",
        ),
    ),
    Mutant(
        name="a-handle-widens-no-key",
        danger="A key of one project enters another by naming it before the key.",
        path=_DOOR_FILE,
        old="        if not principal.may_use(handle):\n            return None\n",
        new="",
        killers=(f"{_DOOR}::test_without_a_valid_key_nothing_answers_but_401",),
    ),
    Mutant(
        name="a-handle-narrows-a-key",
        danger="A request that was bound to a project by its key's holder reaches all the others.",
        path=_DOOR_FILE,
        old="        return replace(principal, project=handle, narrowed=principal.of_installation)\n",
        new="        return replace(principal, narrowed=principal.of_installation)\n",
        killers=(f"{_DOOR}::test_a_handle_before_a_key_of_the_installation_binds_it",),
    ),
    Mutant(
        name="keys-are-remembered-until-one-changes",
        danger="A service that let a key in once lets it in for ever.",
        path=_DOOR_FILE,
        old="        if version != self._version or len(self._known) > _REMEMBERED:\n",
        new="        if len(self._known) > _REMEMBERED:\n",
        killers=(f"{_DOOR}::test_a_revoked_key_is_refused_at_once_and_a_known_one_is_looked_up_once",),
    ),
    Mutant(
        name="a-revoked-key-is-over",
        danger="Revoking a key changes nothing.",
        path="libs/access/keys.py",
        old="if key is None or key.revoked or",
        new="if key is None or",
        killers=(f"{_ACCESS}::test_a_revoked_key_is_refused_without_a_look",),
    ),
    Mutant(
        name="an-expired-key-is-over",
        danger="A key outlives the end that it was given.",
        path="libs/access/keys.py",
        old="key.expires_at <= now):\n            return None\n",
        new="key.expires_at < key.expires_at):\n            return None\n",
        killers=(f"{_RING}::test_a_key_expires_at_its_moment",),
    ),
    Mutant(
        name="a-key-that-expires-is-a-change",
        danger="Calls that wait go on after the end of their key, because nobody looks at them again.",
        path="libs/access/keys.py",
        old="            self._expiries.pop(0)\n            self._version += 1\n",
        new="            self._expiries.pop(0)\n",
        killers=(f"{_RING}::test_an_expiry_changes_the_version_once",),
    ),
    Mutant(
        name="restricted-is-open-to-members-alone",
        danger="Every key of the installation is in every restricted project.",
        path="libs/access/projects.py",
        old="    return principal.key_id in project.members\n",
        new="    return True\n",
        killers=(f"{_ACCESS}::test_a_restricted_project_is_open_to_its_own_its_members_and_administrators",),
    ),
    Mutant(
        name="all-calls-of-a-key-end",
        danger="Of several calls that one key has open, all but one go on after it was revoked.",
        path="libs/chassis/http/open_calls.py",
        old="    for ending in endings:\n",
        new="    for ending in endings[:1]:\n",
        killers=(f"{_MANY}::test_only_the_calls_of_keys_that_were_revoked_end",),
    ),
    Mutant(
        name="what-changes-during-a-look-is-looked-at",
        danger="A key that is revoked while others are looked at stays good for the calls that wait.",
        path="libs/chassis/http/open_calls.py",
        old="        self._version = version\n",
        new="        self._version = self._authenticator.version\n",
        killers=(f"{_MANY}::test_what_changes_during_a_look_is_seen_by_the_next",),
    ),
    Mutant(
        name="keys-of-a-project-make-none-for-all",
        danger="The administrator of one project makes himself one of the whole installation.",
        path="services/catalog/api/api_keys.py",
        old="            return None if call.principal.project is None else NOT_EVERYWHERE\n",
        new="            return None\n",
        killers=(f"{_KEYS}::test_an_administrator_of_a_project_makes_and_sees_its_keys_only",),
    ),
    Mutant(
        name="projects-are-found-by-those-who-reach-them",
        danger="A key of the installation that was narrowed to one project changes, archives and deletes another.",
        path="services/catalog/api/calls.py",
        old="        if project is None or not call.principal.may_use(project.handle):\n",
        new="        if project is None:\n",
        killers=("tests/integration/catalog/test_projects.py::test_an_administrator_of_a_project_knows_that_one_only",),
    ),
)
