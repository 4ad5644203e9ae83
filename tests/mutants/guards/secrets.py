"""Secrets: what is over signs nothing, what is moved does not open, what waits for its proof signs no delivery."""

from tests.mutants.mutant import Mutant

_RING = "tests/unit/catalog/test_secrets.py"
_USE = "tests/unit/dispatcher/test_secret_use.py"
_ROTATION = "tests/integration/secrets/test_rotation.py"
_TRIMMED = "tests/integration/catalog/test_secrets.py"
_MASTER = "tests/integration/secrets/test_master_key.py"

SECRETS = (
    Mutant(
        name="an-expired-secret-is-over",
        danger="A secret that was revoked or whose grace period is over goes on to sign.",
        path="services/dispatcher/store/actions.py",
        old="if secret.expires_at is None or secret.expires_at > now]",
        new="]",
        killers=(f"{_ROTATION}::test_during_the_grace_period_both_sign_and_afterwards_only_the_new_one",),
    ),
    Mutant(
        name="no-secret-is-kept-longer-by-a-rotation",
        danger="Rotating prolongs the life of secrets that were about to expire.",
        path="services/catalog/domain/secrets.py",
        old="expires_at=min(ends_at, one.expires_at or ends_at)",
        new="expires_at=ends_at",
        killers=(f"{_RING}::test_a_rotation_never_prolongs_what_expires_anyway",),
    ),
    Mutant(
        name="only-the-version-that-waits-is-activated",
        danger="The proof of a secret that was replaced makes another one active, which the endpoint never saw.",
        path="services/catalog/domain/secrets.py",
        old="or waiting.version != command.version",
        new="",
        killers=(f"{_RING}::test_a_proof_that_was_overtaken_changes_nothing",),
    ),
    Mutant(
        name="a-late-probe-proves-nothing",
        danger="The answer to a probe of an older secret counts for the one that waits now.",
        path="services/dispatcher/domain/secret_use.py",
        old="if action.pending_secret is None or action.pending_secret.version != probe.version:",
        new="if action.pending_secret is None:",
        killers=(f"{_USE}::test_a_newer_pending_secret_is_probed_anew_and_a_late_answer_to_the_older_one_is_dropped",),
    ),
    Mutant(
        name="a-shared-acceptance-is-no-proof",
        danger="While several secrets sign, the endpoint seems to have the new one although it checked the old.",
        path="services/dispatcher/domain/secret_use.py",
        old="alone = self.at if len(self.versions) == 1 else None",
        new="alone = self.at",
        killers=(f"{_USE}::test_an_acceptance_of_one_signer_is_a_proof_and_of_several_is_none",),
    ),
    Mutant(
        name="a-use-is-of-this-action",
        danger="What an action of the same name had accepted before is shown for the one that has the name now.",
        path="services/dispatcher/domain/secret_use.py",
        old="if known is not None and known.action_id == action.action_id:",
        new="if known is not None:",
        killers=(f"{_USE}::test_what_is_known_of_another_action_that_had_the_name_counts_for_nothing",),
    ),
    Mutant(
        name="what-is-not-published-is-not-trimmed",
        danger="A state is deleted from the journal before the relay has read it there, and is never said.",
        path="services/catalog/store/states.sql",
        old="WHERE waiting.stream = old.stream AND waiting.seq <= old.seq",
        new="WHERE waiting.stream = old.stream AND waiting.seq < 0",
        killers=(f"{_TRIMMED}::test_superseded_states_leave_the_journal_once_they_are_published",),
    ),
    Mutant(
        name="an-acceptance-is-of-this-action",
        danger="An action seems to have accepted its secret because one of the same name, deleted since, had.",
        path="services/dispatcher/domain/secret_use.py",
        old="    if acceptance.action_id != action.action_id:\n        return None\n",
        new="",
        killers=(
            f"{_USE}::test_an_acceptance_by_an_action_that_had_the_name_before_says_nothing_of_the_one_that_has_it_now",
        ),
    ),
    Mutant(
        name="a-session-token-stops-at-the-door",
        danger="Whoever reads the database can speak for a worker.",
        path="services/dispatcher/api/models.py",
        old="max_length=512), AfterValidator(session_proof)]",
        new="max_length=512)]",
        killers=("tests/unit/dispatcher/test_models.py::test_of_a_session_token_a_body_keeps_only_the_proof",),
    ),
    Mutant(
        name="what-is-sealed-again-is-announced",
        danger="The dispatcher goes on with texts that open under the old key alone, until that is taken away.",
        path="services/catalog/store/resealing.py",
        old="return Proposal(said, [part],",
        new="return Proposal([], [part],",
        killers=(f"{_MASTER}::test_where_no_catalog_runs_the_command_says_itself_what_it_has_done",),
    ),
    Mutant(
        name="a-sealed-text-opens-in-its-place-alone",
        danger="A row that was moved to another action is sealed again as if it belonged there.",
        path="services/catalog/store/sealed_columns.py",
        old='aad=lambda row: secret_aad(row["project"], row["name"], row["version"]),',
        new='aad=lambda row: secret_aad(row["project"], "", 1),',
        killers=(f"{_MASTER}::test_what_does_not_open_is_named_and_left_and_the_rest_is_done",),
    ),
)
