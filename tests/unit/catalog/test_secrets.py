"""Given the secrets of an action, when one is rotated or proven, then these sign, and for so long."""

from datetime import datetime, timedelta

from libs.chassis.decider import Rejected
from libs.chassis.journal.entry import Context, entries
from libs.contracts.events.catalog import ActionSecretRotated, ActionSecretStaged, PendingSecret, SealedSecret
from services.catalog.domain.secrets import (
    MOST_IN_GRACE,
    ActivateSecret,
    RotateSecret,
    Secret,
    SecretRing,
    decide,
    evolve,
    first_ring,
    said_secrets,
)
from tests.doubles.clock import NOON

FIRST = first_ring("sealed-1", NOON)
MINUTE = timedelta(minutes=1)


def rotate(grace: timedelta = 10 * MINUTE, *, probe: bool = False) -> RotateSecret:
    return RotateSecret("act_1", "send", grace, probe)


def after(ring: SecretRing, command: RotateSecret | ActivateSecret, now: datetime) -> SecretRing:
    """The ring once the command is carried out."""
    events = decide(ring, command, now)
    assert not isinstance(events, Rejected)
    sealed = f"sealed-{ring.next_version}"
    context = Context(service="catalog", project="blue", now=now)
    for said in entries(context, "act_1", 1, "blue/send", events):
        ring = evolve(ring, said.event, sealed)
    return ring


def shown(ring: SecretRing) -> list[tuple[int, str, str]]:
    return [(one.version, one.status, one.sealed) for one in ring.secrets]


def test_a_rotation_makes_the_new_secret_active_and_lets_the_one_before_sign_on() -> None:
    ring = after(FIRST, rotate(), NOON + MINUTE)

    assert shown(ring) == [(2, "active", "sealed-2"), (1, "grace", "sealed-1")]
    assert [one.expires_at for one in ring.secrets] == [None, NOON + 11 * MINUTE]
    assert ring.secrets[0].created_at == NOON + MINUTE


def test_what_is_over_is_gone_at_the_moment_that_it_expires() -> None:
    ring = after(FIRST, rotate(), NOON)

    assert [one.version for one in ring.at(NOON + 10 * MINUTE - timedelta(microseconds=1)).secrets] == [2, 1]
    assert [one.version for one in ring.at(NOON + 10 * MINUTE).secrets] == [2]


def test_no_grace_revokes_all_that_signed_before() -> None:
    ring = after(after(FIRST, rotate(), NOON), rotate(timedelta(0)), NOON + MINUTE)

    assert shown(ring) == [(3, "active", "sealed-3")]


def test_a_rotation_never_prolongs_what_expires_anyway() -> None:
    ring = after(after(FIRST, rotate(), NOON), rotate(60 * MINUTE), NOON + MINUTE)

    assert [(one.version, one.expires_at) for one in ring.secrets] == [
        (3, None),
        (2, NOON + 61 * MINUTE),
        (1, NOON + 10 * MINUTE),
    ]


def test_a_rotation_says_versions_and_the_end_of_the_grace_period() -> None:
    assert decide(FIRST, rotate(), NOON) == [
        ActionSecretRotated(
            action_id="act_1", name="send", secret_version=2, previous_version=1, grace_ends_at=NOON + 10 * MINUTE
        )
    ]


def test_too_many_secrets_in_their_grace_period_are_refused_but_can_be_revoked() -> None:
    ring = FIRST
    for _ in range(MOST_IN_GRACE):
        ring = after(ring, rotate(60 * MINUTE), NOON)
    refused = decide(ring, rotate(), NOON)

    assert isinstance(refused, Rejected)
    assert (refused.kind, refused.field) == ("invalid_state", "grace_seconds")
    assert decide(ring, rotate(probe=True), NOON) == refused
    assert shown(after(ring, rotate(timedelta(0)), NOON)) == [(10, "active", "sealed-10")]
    assert len(after(ring, rotate(), NOON + 60 * MINUTE).secrets) == 2


def test_a_probed_rotation_changes_nothing_about_who_signs() -> None:
    ring = after(FIRST, rotate(probe=True), NOON + MINUTE)
    signing, pending = said_secrets(ring)

    assert shown(ring) == [(2, "pending", "sealed-2"), (1, "active", "sealed-1")]
    assert signing == [SealedSecret(version=1, sealed="sealed-1", created_at=NOON)]
    assert pending == PendingSecret(version=2, sealed="sealed-2", created_at=NOON + MINUTE, grace_seconds=600)


def test_a_proven_secret_becomes_active_and_only_then_the_grace_period_begins() -> None:
    ring = after(FIRST, rotate(probe=True), NOON)
    later = NOON + 90 * MINUTE
    activated = after(ring, ActivateSecret("act_1", "send", 2), later)

    assert shown(activated) == [(2, "active", "sealed-2"), (1, "grace", "sealed-1")]
    assert activated.secrets[1].expires_at == later + 10 * MINUTE
    assert decide(ring, ActivateSecret("act_1", "send", 2), later) == [
        ActionSecretRotated(
            action_id="act_1",
            name="send",
            secret_version=2,
            previous_version=1,
            grace_ends_at=later + 10 * MINUTE,
            proven=True,
        )
    ]


def test_a_proof_that_was_overtaken_changes_nothing() -> None:
    ring = after(after(FIRST, rotate(probe=True), NOON), rotate(probe=True), NOON)

    assert shown(ring) == [(3, "pending", "sealed-3"), (1, "active", "sealed-1")]
    assert decide(ring, ActivateSecret("act_1", "send", 2), NOON) == []
    assert decide(FIRST, ActivateSecret("act_1", "send", 1), NOON) == []


def test_a_newer_pending_secret_says_which_it_replaces() -> None:
    ring = after(FIRST, rotate(probe=True), NOON)

    assert decide(ring, rotate(probe=True), NOON) == [
        ActionSecretStaged(action_id="act_1", name="send", secret_version=3, grace_seconds=600, replaced_version=2)
    ]


def test_a_rotation_without_a_probe_replaces_one_that_waits() -> None:
    ring = after(after(FIRST, rotate(probe=True), NOON), rotate(), NOON)

    assert shown(ring) == [(3, "active", "sealed-3"), (1, "grace", "sealed-1")]


def test_a_sealed_secret_is_not_shown_by_accident() -> None:
    assert "sealed-1" not in repr(Secret(1, "sealed-1", NOON))
