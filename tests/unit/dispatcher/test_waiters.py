"""Jobs wake as many fitting waiters as there are jobs, oldest first."""

from contextlib import ExitStack
from datetime import timedelta

from services.dispatcher.store.claims import Claim
from services.dispatcher.store.lanes import Lane, Wanted
from services.dispatcher.store.waiters import Waiter, Waiters

LANE = Lane("default", "worker", "work", "default")
ANY = Wanted("default")


def claim(wanted: Wanted, most: int = 1) -> Claim:
    return Claim(wanted, "token", "worker-1", timedelta(seconds=30), most)


def park(stack: ExitStack, waiters: Waiters, *wanted: Wanted, most: int = 1) -> list[Waiter]:
    return [stack.enter_context(waiters.parked(claim(each, most))) for each in wanted]


def woken(parked: list[Waiter]) -> list[bool]:
    return [waiter.woken.is_set() for waiter in parked]


def test_one_job_wakes_the_oldest_waiter_only() -> None:
    waiters = Waiters()
    with ExitStack() as stack:
        parked = park(stack, waiters, ANY, ANY, ANY)
        waiters.wake(LANE, 1)
        assert woken(parked) == [True, False, False]
        waiters.wake(LANE, 1)
        assert woken(parked) == [True, True, False]


def test_only_fitting_waiters_are_woken() -> None:
    waiters = Waiters()
    with ExitStack() as stack:
        wanted = [
            Wanted("other"),
            Wanted("default", kind="server"),
            Wanted("default", actions=("else",)),
            Wanted("default", queues=("slow",)),
            Wanted("default", actions=("else", "work"), queues=("default",)),
        ]
        parked = park(stack, waiters, *wanted)
        waiters.wake(LANE, 5)
        assert woken(parked) == [False, False, False, False, True]


def test_one_that_leaves_although_it_was_woken_wakes_the_next() -> None:
    waiters = Waiters()
    with ExitStack() as stack:
        gone = waiters.parked(claim(ANY))
        gone.__enter__()
        parked = park(stack, waiters, ANY, ANY)
        waiters.wake(LANE, 1)
        assert woken(parked) == [False, False]
        gone.__exit__(None, None, None)
        assert woken(parked) == [True, False]


def test_who_left_is_not_woken() -> None:
    waiters = Waiters()
    with waiters.parked(claim(ANY)):
        assert len(waiters) == 1
    assert len(waiters) == 0
    waiters.wake(LANE, 1)


def test_a_waiter_that_takes_several_jobs_spares_the_others() -> None:
    waiters = Waiters()
    with ExitStack() as stack:
        parked = park(stack, waiters, ANY, ANY, ANY, most=10)
        waiters.wake(LANE, 10)
        assert woken(parked) == [True, False, False]
        waiters.wake(LANE, 11)
        assert woken(parked) == [True, True, True]


def test_one_that_leaves_although_it_was_woken_for_several_jobs_wakes_as_many_as_take_them() -> None:
    waiters = Waiters()
    with ExitStack() as stack:
        gone = waiters.parked(claim(ANY, 3))
        gone.__enter__()
        waiters.wake(LANE, 2)
        parked = park(stack, waiters, ANY, ANY, ANY)
        gone.__exit__(None, None, None)
        assert woken(parked) == [True, True, False]
