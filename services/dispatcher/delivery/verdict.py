"""What an attempt amounts to: a result, or a failure that says whether another attempt is due."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from libs.contracts.codec import Json


@dataclass(frozen=True)
class Success:
    """The action's result."""

    result: Json


@dataclass(frozen=True)
class Failure:
    """A failed attempt, with the error type that the workflow sees."""

    error_type: str
    sentence: str
    retryable: bool
    """Whether the action's annotations allow another attempt without asking anybody."""

    certain: bool
    """Whether it is certain that the action was not carried out by this attempt."""

    retry_after: timedelta | None = None
    """The pause that the other side asked for."""

    details: Mapping[str, Json] = field(default_factory=dict)


Verdict: TypeAlias = Success | Failure
