"""The shape of domain code: `decide` answers a command with events or a refusal, `evolve` applies one event.

Both are pure: time, ids and randomness are arguments. A refusal is a value, because it is a normal answer; exceptions
are for bugs and broken wires.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, Protocol, TypeVar

from libs.contracts.codec import Json

Kind = Literal["not_found", "invalid_argument", "invalid_state", "already_exists", "unauthorized", "exhausted"]

State = TypeVar("State")
Command_contra = TypeVar("Command_contra", contravariant=True)
Event = TypeVar("Event")
Event_co = TypeVar("Event_co", covariant=True)
Event_contra = TypeVar("Event_contra", contravariant=True)
State_contra = TypeVar("State_contra", contravariant=True)
Command = TypeVar("Command")


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a command was refused.

    `sentence` reads "expected X, but Y". `field` is the path of the offending input, like `spec.steps[0].action`.
    `code` is the public error code where it is narrower than the kind; `details` is what the caller may act on.
    """

    kind: Kind
    sentence: str
    field: str | None = None
    code: str | None = None
    details: Mapping[str, Json] | None = None


def outdated(tag: str, wanted: Set[str] | None) -> Rejected | None:
    """The refusal of a change that was meant for another state than the one with this tag; `wanted` None: for any."""
    if wanted is None or tag in wanted:
        return None
    sentence = f"expected it as the caller knows it, but it has changed since: its tag is now {tag}"
    return Rejected(
        "invalid_state", sentence, "header.If-Match", code="precondition_failed", details={"current_tag": tag}
    )


class Decide(Protocol[State_contra, Command_contra, Event_co]):
    """What happens, if this command meets this state now. No events means: already so."""

    def __call__(
        self, state: State_contra, command: Command_contra, now: datetime, /
    ) -> Sequence[Event_co] | Rejected: ...


class Evolve(Protocol[State, Event_contra]):
    """The state after one event. Never fails and never refuses: the event has happened."""

    def __call__(self, state: State, event: Event_contra, /) -> State: ...


@dataclass(frozen=True, slots=True)
class Decider(Generic[State, Command, Event]):
    """A domain in three parts: where a stream begins, what it decides, how it changes."""

    initial: State
    decide: Decide[State, Command, Event]
    evolve: Evolve[State, Event]


def fold(evolve: Evolve[State, Event], state: State, events: Iterable[Event]) -> State:
    """The state after all of these events, in order."""
    for event in events:
        state = evolve(state, event)
    return state
