"""The audit: what is projected is what was said, once, whatever came first; and each project sees its own."""

from tests.mutants.mutant import Mutant

_PROJECTION = "services/audit/store/projection.sql"
_FOLDED = "tests/integration/audit/test_projection.py"
_READ = "tests/integration/audit/test_reads.py"

AUDIT = (
    Mutant(
        name="only-what-was-added-is-counted",
        danger="A repeated record is counted again, and an action seems to be called more often than it was.",
        path=_PROJECTION,
        old="ON CONFLICT (id) DO NOTHING\nRETURNING",
        new="ON CONFLICT (id) DO UPDATE SET id = excluded.id\nRETURNING",
        killers=(f"{_FOLDED}::test_all_of_it_once_more_changes_nothing",),
    ),
    Mutant(
        name="a-repeated-beginning-may-bring-the-end",
        danger="After a restart a run is heard from its beginning, and its end is lost with the repeat: it never ends.",
        path=_PROJECTION,
        old="WHERE known.finished_at IS NULL AND excluded.finished_at IS NOT NULL\n\n-- name: end_runs",
        new="WHERE false\n\n-- name: end_runs",
        killers=(f"{_FOLDED}::test_an_end_that_comes_with_a_beginning_that_was_heard_before_counts",),
    ),
    Mutant(
        name="a-later-claim-stays",
        danger="The engine's old word about a claim is heard last, and the attempt seems to be with who fell silent.",
        path=_PROJECTION,
        old="    claimed_at = greatest(known.claimed_at, excluded.claimed_at),\n",
        new="    claimed_at = coalesce(excluded.claimed_at, known.claimed_at),\n",
        killers=(f"{_FOLDED}::test_an_old_claim_that_is_heard_last_is_not_the_one_that_counts",),
    ),
    Mutant(
        name="workflows-go-forward",
        danger="A repeated record gives a workflow back its old name and its old actions.",
        path=_PROJECTION,
        old="WHERE workflows.id = made.id AND workflows.sequence < made.sequence",
        new="WHERE workflows.id = made.id",
        killers=(f"{_FOLDED}::test_an_older_word_about_a_workflow_takes_nothing_back",),
    ),
    Mutant(
        name="histories-are-the-projects-own",
        danger="Who knows the id of another project's run reads its history, parameters and results included.",
        path="services/audit/store/run_events.sql",
        old="-- The history of a run, the first first.\n"
        "SELECT at, sequence, id, type, path, step, data FROM run_events\n"
        "WHERE run_id = $2 AND EXISTS (SELECT 1 FROM runs WHERE project = $1 AND id = $2)",
        new="-- The history of a run, the first first.\n"
        "SELECT at, sequence, id, type, path, step, data FROM run_events\n"
        "WHERE run_id = $2 AND $1::text IS NOT NULL",
        killers=(f"{_READ}::test_nobody_gets_what_is_another_projects",),
    ),
    Mutant(
        name="uses-are-of-this-action",
        danger="An action that was deleted and registered anew seems to have accepted a secret that it never saw.",
        path="services/audit/domain/action_cards.py",
        old="    if used.action_id != card.action_id:\n        return card\n",
        new="",
        killers=(
            "tests/unit/audit/test_catalogue.py::test_what_is_known_of_an_earlier_action_of_the_name_is_not_shown",
        ),
    ),
)
