"""What a job that its run left open is closed with."""

from services.dispatcher.domain.jobs import COURIER
from services.dispatcher.domain.schedule import Holder, OpenJob, close
from tests.doubles.clock import NOON
from tests.unit.dispatcher.samples import JOB


def test_a_closing_says_who_had_the_work_and_what_it_was() -> None:
    [(_, said)] = close([OpenJob(JOB, held=True, holder=Holder(COURIER, NOON))], "the run ended")
    assert (said.kind, said.parameters, said.claimed_by, said.claimed_at) == ("worker", {"n": 1}, COURIER, NOON)


def test_a_closing_of_what_nobody_had_says_so_by_leaving_it_out() -> None:
    [(_, said)] = close([OpenJob(JOB, held=False)], "the run ended")
    assert (said.kind, said.parameters, said.claimed_by, said.claimed_at) == (None, None, None, None)


def test_a_job_is_closed_once() -> None:
    assert close([OpenJob(JOB, held=True, cancel_requested=True, holder=Holder(COURIER, NOON))], "the run ended") == []
