"""Jobs: handed out once, held by a fence, given back when their holder is gone; polls that wait cost nothing."""

from tests.mutants.mutant import Mutant

_WAITERS = "tests/unit/dispatcher/test_waiters.py"
_HANDLER = "tests/unit/dispatcher/test_claim_handler.py"
_FENCES = "tests/integration/dispatcher/test_fences.py"
_REPORT = f"{_FENCES}::test_a_report_that_this_process_remembers_is_held_against_the_table"
_BEAT = f"{_FENCES}::test_a_heartbeat_under_another_fence_extends_nothing"
_PROGRESS = f"{_FENCES}::test_progress_under_another_fence_is_not_recorded"


def _progress(what: str, old: str, new: str) -> Mutant:
    danger = "Progress of a lease that was lost is told over what its present holder tells."
    path = "services/dispatcher/store/leases.sql"
    return Mutant(f"progress-fence-{what}", danger, path, old, new, (f"{_PROGRESS}[{what}]",))


def _release(what: str, old: str, new: str) -> Mutant:
    danger = "Giving back a lease that was lost takes the job from its present holder."
    killer = f"{_FENCES}::test_a_lease_that_is_another_ones_is_not_given_back[{what}]"
    return Mutant(f"release-fence-{what}", danger, "services/dispatcher/store/queue.sql", old, new, (killer,))


QUEUE = (
    Mutant(
        name="register-then-look",
        danger="A job that arrives while a poll looks is seen by nobody, and the poll sleeps beside it.",
        path="services/dispatcher/api/claims.py",
        old="        looks = not self._waiters.any_idle(claim.wanted)\n",
        new="        if leases := await self._desk.claim(claim):\n            return leases\n        looks = False\n",
        killers=(f"{_HANDLER}::test_a_job_that_arrives_during_the_look_is_not_missed",),
    ),
    Mutant(
        name="look-behind-the-reset",
        danger="A poll that was woken while it looked forgets that, and sleeps beside the job.",
        path="services/dispatcher/api/claims.py",
        old="                looks = waiter.idle = True\n",
        new="                looks = waiter.idle = True\n                waiter.woken.clear()\n",
        killers=(f"{_HANDLER}::test_a_job_that_arrives_during_the_look_is_not_missed",),
    ),
    Mutant(
        name="one-job-wakes-one",
        danger="One job wakes a thousand polls, and all of them ask the database.",
        path="services/dispatcher/store/waiters.py",
        old="        if left == 0:\n            break\n",
        new="",
        killers=(f"{_WAITERS}::test_one_job_wakes_the_oldest_waiter_only",),
    ),
    Mutant(
        name="who-leaves-passes-it-on",
        danger="A poll that was woken and hangs up takes its job's only call with it.",
        path="services/dispatcher/store/waiters.py",
        old="            if waiter.woken.is_set():\n                _wake_some(alike, waiter.due)\n",
        new="",
        killers=(f"{_WAITERS}::test_one_that_leaves_although_it_was_woken_wakes_the_next",),
    ),
    Mutant(
        name="who-leaves-waits-for-the-commit",
        danger="A poll ends while a job is being handed to it: the lease is nobody's until it expires.",
        path="services/dispatcher/store/waiters.py",
        old="        while self.reserved:\n            self.woken.clear()\n            await self.woken.wait()\n",
        new="",
        killers=(
            "tests/integration/dispatcher/test_hand_over.py::test_who_leaves_during_the_commit_waits_for_what_it_brings",
        ),
    ),
    Mutant(
        name="what-is-there-is-enough",
        danger="A poll for several jobs waits for the last of them while the first lies idle.",
        path="services/dispatcher/api/claims.py",
        old="                if looks and (leases := await self._desk.claim(claim)):\n",
        new="                if looks and len(leases := await self._desk.claim(claim)) == claim.most:\n",
        killers=(
            "tests/integration/dispatcher/test_batches.py"
            "::test_a_claim_of_several_gets_what_is_there_and_waits_for_no_more",
        ),
    ),
    Mutant(
        name="a-client-that-is-gone-holds-nothing",
        danger="A client that hung up during the commit holds jobs until their leases expire.",
        path="services/dispatcher/api/claims.py",
        old="        if leases and call.over:\n",
        new="        if leases and call.ended.is_set():\n",
        killers=(f"{_HANDLER}::test_all_jobs_of_a_claim_go_back_when_its_client_is_gone",),
    ),
    Mutant(
        name="an-unclear-claim-is-read-back",
        danger="A connection that breaks during a claim leaves leases that nobody knows.",
        path="services/dispatcher/store/claims.py",
        old="            return [lease_of(row) for row in await self._read_back(batch)], False\n",
        new="            raise\n",
        killers=(
            "tests/integration/dispatcher/test_lost_claims.py::test_a_claim_whose_answer_got_lost_gets_its_lease",
        ),
    ),
    Mutant(
        name="an-unclear-claim-is-given-back",
        danger="A claim that could not be read back at once is never looked for again.",
        path="services/dispatcher/store/claims.py",
        old="        self._unclear[batch] = LOOKS\n",
        new="        _ = batch\n",
        killers=(
            "tests/integration/dispatcher/test_lost_claims.py::test_a_lease_of_a_claim_that_was_refused_is_given_back",
        ),
    ),
    Mutant(
        name="a-report-names-its-session",
        danger="Whoever knows a job's id may report it.",
        path="services/dispatcher/domain/reports.py",
        old="    if lease.token != report.token or lease.job.attempt",
        new="    if lease.job.attempt",
        killers=("tests/unit/dispatcher/test_reports.py::test_any_other_fence_has_lost_the_lease",),
    ),
    Mutant(
        name="a-report-names-its-attempt",
        danger="A worker's late report of an earlier attempt ends the present one.",
        path="services/dispatcher/domain/reports.py",
        old=" or lease.job.attempt != report.attempt:",
        new=":",
        killers=("tests/unit/dispatcher/test_reports.py::test_any_other_fence_has_lost_the_lease",),
    ),
    Mutant(
        name="report-fence-token",
        danger="A lease that moved to another worker by another replica is ended by the one that lost it.",
        path="services/dispatcher/store/leases.sql",
        old="l.job_id = r.job_id AND l.token = r.token AND",
        new="l.job_id = r.job_id AND",
        killers=(f"{_REPORT}[token]",),
    ),
    Mutant(
        name="report-fence-attempt",
        danger="A result of an earlier attempt is taken for that of the present one.",
        path="services/dispatcher/store/leases.sql",
        old="AND l.token = r.token AND l.attempt = r.attempt",
        new="AND l.token = r.token AND r.attempt IS NOT NULL",
        killers=(f"{_REPORT}[attempt]",),
    ),
    Mutant(
        name="report-fence-sequence",
        danger="A report is placed over an event that was told meanwhile.",
        path="services/dispatcher/store/leases.sql",
        old="AND l.sequence = r.sequence - 1 AND",
        new="AND",
        killers=(f"{_REPORT}[sequence]",),
    ),
    Mutant(
        name="report-fence-clock",
        danger="A lease that ran out, by the clock of the one database, is still good for a result.",
        path="services/dispatcher/store/leases.sql",
        old="l.cancel_requested = r.late AND l.lease_until > clock_timestamp()",
        new="l.cancel_requested = r.late",
        killers=(f"{_REPORT}[clock]",),
    ),
    Mutant(
        name="report-fence-cancelled",
        danger="A run ends, and a result that was decided upon before is recorded as if it had not.",
        path="services/dispatcher/store/leases.sql",
        old="AND l.cancel_requested = r.late AND",
        new="AND r.late IS NOT NULL AND",
        killers=(f"{_REPORT}[cancelled]",),
    ),
    Mutant(
        name="heartbeat-fence-token",
        danger="A worker that lost its lease keeps it from its holder's successor.",
        path="services/dispatcher/store/leases.sql",
        old="l.job_id = h.job_id AND l.token = h.token AND",
        new="l.job_id = h.job_id AND",
        killers=(f"{_BEAT}[token]",),
    ),
    Mutant(
        name="heartbeat-fence-attempt",
        danger="A heartbeat of an earlier attempt keeps the present one alive.",
        path="services/dispatcher/store/leases.sql",
        old="AND l.token = h.token AND l.attempt = h.attempt",
        new="AND l.token = h.token AND h.attempt IS NOT NULL",
        killers=(f"{_BEAT}[attempt]",),
    ),
    Mutant(
        name="heartbeat-fence-clock",
        danger="A lease that ran out is revived while the reaper gives its job to somebody else.",
        path="services/dispatcher/store/leases.sql",
        old="AND l.attempt = h.attempt\n  AND l.lease_until > clock_timestamp()\n",
        new="AND l.attempt = h.attempt\n",
        killers=(f"{_BEAT}[clock]",),
    ),
    _progress("token", "l.job_id = a.job_id AND l.token = a.token AND", "l.job_id = a.job_id AND"),
    _progress("attempt", "AND l.attempt = a.attempt AND", "AND a.attempt IS NOT NULL AND"),
    _progress("sequence", " AND l.sequence = a.sequence_from\n", "\n"),
    _progress(
        "clock",
        "l.sequence = a.sequence_from\n  AND l.lease_until > clock_timestamp()\n",
        "l.sequence = a.sequence_from\n",
    ),
    _release("token", "l.job_id = f.job_id AND l.token = f.token AND", "l.job_id = f.job_id AND"),
    _release("attempt", "AND l.attempt = f.attempt", "AND f.attempt IS NOT NULL"),
    Mutant(
        name="reaping-looks-at-the-clock-again",
        danger="A heartbeat that came between the reaper's look and its write is in vain.",
        path="services/dispatcher/store/leases.sql",
        old="AND l.sequence = f.sequence AND l.lease_until <= clock_timestamp()",
        new="AND l.sequence = f.sequence",
        killers=(f"{_FENCES}::test_a_lease_that_was_extended_meanwhile_is_not_reaped",),
    ),
    Mutant(
        name="long-jobs-hide-no-expired-one",
        danger="A full batch of long jobs is all that the reaper ever sees.",
        path="services/dispatcher/store/leases.sql",
        old="SELECT * FROM leased WHERE lease_until <= clock_timestamp() ORDER BY lease_until LIMIT $1",
        new="SELECT * FROM (SELECT * FROM leased ORDER BY claimed_at LIMIT $1) AS oldest\n"
        "WHERE lease_until <= clock_timestamp()",
        killers=(f"{_FENCES}::test_an_expired_lease_is_found_behind_many_long_ones",),
    ),
    Mutant(
        name="replicas-pass-each-other",
        danger="A replica waits for the jobs that another one is just taking.",
        path="services/dispatcher/store/queue.sql",
        old="    FOR UPDATE SKIP LOCKED\n",
        new="    FOR UPDATE\n",
        killers=(
            "tests/integration/dispatcher/test_claim_cost.py"
            "::test_jobs_that_another_replica_holds_on_to_do_not_hide_those_behind_them",
        ),
    ),
    Mutant(
        name="claims-take-turns",
        danger="One that asks for many jobs takes all of them before the next one gets its first.",
        path="services/dispatcher/store/claims.py",
        old="return [place for turn in rounds for place, most in enumerate(demands) if turn < most]",
        new="return [place for place, most in enumerate(demands) for turn in rounds if turn < most]",
        killers=("tests/unit/dispatcher/test_claims.py::test_nobody_has_a_second_turn_before_everybody_had_a_first",),
    ),
    Mutant(
        name="a-project-keeps-to-its-lanes",
        danger="A worker of a project is given the jobs of another one.",
        path="services/dispatcher/store/lanes.py",
        old="            self.project == lane.project\n            and self.kind",
        new="            self.kind",
        killers=(f"{_WAITERS}::test_only_fitting_waiters_are_woken",),
    ),
    Mutant(
        name="requests-share-a-statement",
        danger="Each heartbeat, claim and report is a commit of its own.",
        path="libs/chassis/loops/group_commit.py",
        old="self._queue[: self._most], self._queue[self._most :]",
        new="self._queue[:1], self._queue[1:]",
        killers=(
            "tests/unit/chassis/test_group_commit.py::test_requests_that_come_while_one_is_served_share_the_next_batch",
        ),
    ),
    Mutant(
        name="a-scheduled-step-is-one-job",
        danger="A step that is heard again after its job ended is carried out again.",
        path="services/dispatcher/store/queue.sql",
        old="WHERE (SELECT 1 FROM leased l WHERE l.job_id = j.job_id) IS NULL\n"
        "  AND (SELECT 1 FROM journal e WHERE e.stream = j.job_id LIMIT 1) IS NULL\n",
        new="WHERE (SELECT 1 FROM leased l WHERE l.job_id = j.job_id) IS NULL\n",
        killers=(f"{_FENCES}::test_a_job_that_has_ended_does_not_wait_again",),
    ),
)
