"""What is noted of signing secrets: who was accepted, how exactly, and when a new one is asked for again."""

from datetime import datetime, timedelta

from libs.contracts.events.catalog import ActionState, PendingSecret, SealedSecret
from libs.contracts.events.dispatcher import SecretProbe, SecretUse, SecretUseState
from services.dispatcher.domain.secret_use import (
    LONGEST_PAUSE,
    Acceptance,
    tries_before,
    with_acceptance,
    with_probe,
)
from services.dispatcher.store.actions import NO_PROMISES, Endpoint
from services.dispatcher.store.secret_uses import SecretUses
from tests.doubles.clock import NOON, FakeClock
from tests.unit.dispatcher.samples import moment


def action(
    *versions: int, pending: int | None = None, action_id: str = "act_1", url: str = "http://x.test/"
) -> ActionState:
    return ActionState(
        action_id=action_id,
        project="p",
        name="work",
        endpoint_url=url,
        secrets=[SealedSecret(version=one, sealed="s") for one in versions],
        pending_secret=None if pending is None else waiting_secret(pending),
    )


def waiting_secret(version: int) -> PendingSecret:
    return PendingSecret(version=version, sealed="s", created_at=NOON, grace_seconds=0)


def probe(version: int, tries: int, status: int | None, at: float = 0) -> SecretProbe:
    return SecretProbe(version=version, at=moment(at), tries=tries, status=status, endpoint_url="http://x.test/")


def accepted(versions: tuple[int, ...], at: datetime, action_id: str = "act_1") -> Acceptance:
    return Acceptance(versions, at, action_id)


def noted(state: SecretUseState | None) -> list[tuple[int, float, float | None]]:
    """Versions with the seconds since noon."""
    return [
        (
            use.version,
            seconds(use.accepted_at),
            None if use.accepted_alone_at is None else seconds(use.accepted_alone_at),
        )
        for use in _of(state)
    ]


def seconds(at: datetime) -> float:
    return (at - NOON).total_seconds()


def test_an_acceptance_of_one_signer_is_a_proof_and_of_several_is_none() -> None:
    assert noted(with_acceptance(accepted((1,), NOON), None, action(1))) == [(1, 0, 0)]
    assert noted(with_acceptance(accepted((2, 1), NOON), None, action(2, 1))) == [(2, 0, None), (1, 0, None)]


def test_the_same_signers_are_noted_again_after_a_minute_and_not_before() -> None:
    known = with_acceptance(accepted((1,), NOON), None, action(1))

    assert with_acceptance(accepted((1,), moment(59)), known, action(1)) is None
    assert noted(with_acceptance(accepted((1,), moment(60)), known, action(1))) == [(1, 60, 60)]


def test_the_first_proof_of_a_version_is_noted_at_once() -> None:
    known = with_acceptance(accepted((2, 1), NOON), None, action(2, 1))

    assert noted(with_acceptance(accepted((2,), moment(1)), known, action(2, 1))) == [(2, 1, 1), (1, 0, None)]


def test_what_signs_no_more_is_forgotten() -> None:
    known = with_acceptance(accepted((2, 1), NOON), None, action(2, 1))

    assert noted(with_acceptance(accepted((2,), moment(1)), known, action(2))) == [(2, 1, 1)]


def test_what_is_known_of_another_action_that_had_the_name_counts_for_nothing() -> None:
    known = with_acceptance(accepted((1,), NOON), None, action(1))
    other = with_acceptance(accepted((1,), moment(1), "act_2"), known, action(1, action_id="act_2"))

    assert noted(other) == [(1, 1, 1)]
    assert other is not None
    assert other.action_id == "act_2"


def test_an_acceptance_by_an_action_that_had_the_name_before_says_nothing_of_the_one_that_has_it_now() -> None:
    late = accepted((1,), NOON, "act_1")

    assert with_acceptance(late, None, action(1, action_id="act_2")) is None


def test_what_two_processes_saw_comes_to_the_same_in_any_order() -> None:
    one, other = accepted((1,), moment(100)), accepted((1,), NOON)
    first = with_acceptance(other, None, action(1))

    assert noted(with_acceptance(one, first, action(1))) == [(1, 100, 100)]
    assert with_acceptance(other, with_acceptance(one, None, action(1)), action(1)) is None


def test_a_probe_is_due_at_once_and_then_after_pauses_that_double() -> None:
    waiting = action(1, pending=2)
    known = with_probe(probe(2, 3, 401), waiting, None, waiting)

    assert tries_before(None, waiting, NOON) == 0
    assert tries_before(known, waiting, moment(3.9)) is None
    assert tries_before(known, waiting, moment(4)) == 3
    long_refused = with_probe(probe(2, 1000, None), waiting, None, waiting)
    assert tries_before(long_refused, waiting, NOON + LONGEST_PAUSE) == 1000


def test_nothing_is_probed_that_was_accepted_or_does_not_wait() -> None:
    waiting = action(1, pending=2)
    accepted = with_probe(probe(2, 1, 204), waiting, None, waiting)

    assert noted(accepted) == [(2, 0, 0)]
    assert tries_before(accepted, waiting, NOON + timedelta(days=1)) is None
    assert tries_before(None, action(1), NOON) is None


def test_a_newer_pending_secret_is_probed_anew_and_a_late_answer_to_the_older_one_is_dropped() -> None:
    known = with_probe(probe(2, 9, 401), action(1, pending=2), None, action(1, pending=2))
    newer = action(1, pending=3)

    assert tries_before(known, newer, NOON) == 0
    assert with_probe(probe(2, 10, 204), newer, known, newer) is None


def test_an_answer_from_where_the_action_is_no_more_is_dropped_and_the_new_endpoint_is_asked_at_once() -> None:
    asked, moved = action(1, pending=2), action(1, pending=2, url="http://y.test/")
    accepted = with_probe(probe(2, 1, 204), asked, None, asked)

    assert with_probe(probe(2, 1, 204), asked, None, moved) is None
    assert with_probe(probe(2, 1, 204), asked, None, action(1, pending=2, action_id="act_2")) is None
    assert tries_before(accepted, moved, NOON) == 0
    assert tries_before(accepted, asked, NOON) is None


def test_a_delivery_is_noted_once_a_minute_and_new_signers_at_once() -> None:
    clock, woken = FakeClock(), list[str]()
    uses = SecretUses(clock, lambda: woken.append("woken"))

    def endpoint(*versions: int) -> Endpoint:
        return Endpoint("http://x.test/", NO_PROMISES, None, ("s",) * len(versions), versions, "act_1")

    for _ in range(3):
        uses.note("p", "work", endpoint(1))
    assert uses.take(10) == {("p", "work"): accepted((1,), clock.now())}
    uses.note("p", "work", endpoint(1))
    assert uses.take(10) == {}
    uses.note("p", "work", endpoint(2, 1))
    assert list(uses.take(10).values()) == [accepted((2, 1), clock.now())]
    clock.advance(timedelta(minutes=1))
    uses.note("p", "work", endpoint(2, 1))
    assert list(uses.take(10).values()) == [accepted((2, 1), clock.now())]
    assert woken == ["woken"] * 2


def test_what_could_not_be_written_is_there_again_unless_something_newer_is() -> None:
    clock = FakeClock()
    uses = SecretUses(clock, lambda: None)
    older = {("p", "a"): accepted((1,), NOON), ("p", "b"): accepted((1,), NOON)}
    uses.note("p", "b", Endpoint("http://x.test/", NO_PROMISES, None, ("s",), (2,), "act_1"))
    uses.put_back(older)

    assert uses.take(10) == {("p", "a"): older["p", "a"], ("p", "b"): accepted((2,), clock.now())}


def test_uses_are_kept_newest_version_first() -> None:
    known = SecretUseState(
        action_id="act_1", project="p", name="work", uses=[SecretUse(version=1, accepted_at=moment(-100))]
    )

    assert [use.version for use in _of(with_acceptance(accepted((3, 1), NOON), known, action(1, 3)))] == [3, 1]


def _of(state: SecretUseState | None) -> list[SecretUse]:
    assert state is not None
    return state.uses
