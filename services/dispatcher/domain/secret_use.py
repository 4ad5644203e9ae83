"""What is known of the use of an action's signing secrets: who was accepted when, and how the last probe went.

States only grow: several processes note what they saw, and merging them in any order comes to the same.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from libs.contracts.events.catalog import ActionState
from libs.contracts.events.dispatcher import SecretProbe, SecretUse, SecretUseState

NOTED_EVERY: Final = timedelta(minutes=1)
"""How exact the time of an acceptance is."""

FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(minutes=5)
_MOST_DOUBLINGS: Final = 20


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An endpoint took a request that these versions of this action's secrets had signed."""

    versions: tuple[int, ...]
    at: datetime
    action_id: str

    @property
    def uses(self) -> list[SecretUse]:
        """What it says of each version. Where several signed, nobody knows which of them was right."""
        alone = self.at if len(self.versions) == 1 else None
        return [SecretUse(version=one, accepted_at=self.at, accepted_alone_at=alone) for one in self.versions]


def living_versions(action: ActionState) -> frozenset[int]:
    """The versions that sign, or may sign one day."""
    pending = [action.pending_secret.version] if action.pending_secret is not None else []
    return frozenset([*(secret.version for secret in action.secrets), *pending])


def with_acceptance(acceptance: Acceptance, known: SecretUseState | None, action: ActionState) -> SecretUseState | None:
    """The state after it; None where it says too little that is new to be written down, or where another action has
    the name by now: that one's secrets nobody has accepted yet."""
    if acceptance.action_id != action.action_id:
        return None
    known = _of_action(known, action)
    if all(not _is_news(use, known.uses) for use in acceptance.uses):
        return None
    return known.model_copy(update={"uses": _merged(known.uses, acceptance.uses, living_versions(action))})


def with_probe(
    probe: SecretProbe, asked: ActionState, known: SecretUseState | None, action: ActionState
) -> SecretUseState | None:
    """The state after a probe of `asked`; None where that is not what `action` is now: its answer says nothing of a
    secret that does not wait any more, or of an endpoint that is another."""
    known = _of_action(known, action)
    if action.pending_secret is None or action.pending_secret.version != probe.version:
        return None
    if (asked.action_id, asked.endpoint_url) != (action.action_id, action.endpoint_url):
        return None
    uses = Acceptance((probe.version,), probe.at, action.action_id).uses if is_accepted(probe) else []
    merged = _merged(known.uses, uses, living_versions(action))
    return known.model_copy(update={"uses": merged, "probe": probe})


def is_accepted(probe: SecretProbe) -> bool:
    """Whether the endpoint has taken it."""
    return probe.status is not None and 200 <= probe.status < 300


def tries_before(known: SecretUseState | None, action: ActionState, now: datetime) -> int | None:
    """How often the pending secret was probed; None where no probe is due at `now`."""
    pending = action.pending_secret
    if pending is None:
        return None
    last = _of_action(known, action).probe
    if last is None or last.version != pending.version or last.endpoint_url not in (None, action.endpoint_url):
        return 0
    if is_accepted(last) or now < last.at + _pause_after(last.tries):
        return None
    return last.tries


def _pause_after(tries: int) -> timedelta:
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(tries - 1, _MOST_DOUBLINGS)))


def _of_action(known: SecretUseState | None, action: ActionState) -> SecretUseState:
    """A name may belong to another action than before."""
    if known is not None and known.action_id == action.action_id:
        return known
    return SecretUseState(action_id=action.action_id, project=action.project, name=action.name, uses=[])


def _is_news(use: SecretUse, known: Iterable[SecretUse]) -> bool:
    before = next((one for one in known if one.version == use.version), None)
    if before is None or (use.accepted_alone_at is not None and before.accepted_alone_at is None):
        return True
    return use.accepted_at >= before.accepted_at + NOTED_EVERY


def _merged(known: Iterable[SecretUse], seen: Iterable[SecretUse], living: Collection[int]) -> list[SecretUse]:
    found: dict[int, SecretUse] = {}
    for use in (*known, *seen):
        if use.version in living:
            found[use.version] = _later(found.get(use.version), use)
    return [found[version] for version in sorted(found, reverse=True)]


def _later(one: SecretUse | None, other: SecretUse) -> SecretUse:
    if one is None:
        return other
    alone = [at for at in (one.accepted_alone_at, other.accepted_alone_at) if at is not None]
    return SecretUse(
        version=one.version,
        accepted_at=max(one.accepted_at, other.accepted_at),
        accepted_alone_at=max(alone) if alone else None,
    )
