"""What an error type means, and what somebody who is on call can do about it: a table, for the pages of runs.

The types are those of docs/concepts/workflows-and-runs.md; any other is a worker's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Advice:
    """Two sentences: what has happened, and what to do next."""

    meaning: str
    next: str


OWN: Final = Advice(
    "The worker or the endpoint gave this error a name of its own.",
    "Read its message, and look into the log of whoever carried the step out: its name stands at the attempt.",
)

ADVICE: Final[Mapping[str, Advice]] = {
    "run_cancelled": Advice(
        "Somebody ended the run.",
        "Nothing to repair. Steps that were being carried out may have had their effect: look at the closed attempts.",
    ),
    "run_timeout": Advice(
        "The run took longer than it was allowed to.",
        "Look in the timeline for the step that took the time, then start the run again.",
    ),
    "run_failed": Advice(
        "The run could not end as its definition says.",
        "Read the message: outputs that are too large have to be made smaller by the last steps.",
    ),
    "step_failed": Advice(
        "A step failed, and the run with it; what was still open was closed.",
        "Repair what the error of the step speaks of, then start the run again.",
    ),
    "contract_violation": Advice(
        "Parameters or result do not fit the action's schema.",
        "Compare the message with the schemas on the action's page. Wrong parameters: change the workflow. Wrong "
        "result: repair the endpoint; it may have done its work already.",
    ),
    "expression_error": Advice(
        "An expression of the workflow met a value that it cannot work with, or none.",
        "Compare the expression with the inputs and with what earlier steps stored; ask for what may be missing with "
        "has(), and save a new version.",
    ),
    "timeout": Advice(
        "No answer came in time, or a worker fell silent too often.",
        "See whether the endpoint or the workers are up and quick enough. The action may be repeated, so start again.",
    ),
    "outcome_unknown": Advice(
        "It may have happened: nobody knows, and the action does not promise that it can be repeated.",
        "Look at the other side whether it was done before you start again. If it may be repeated, mark the action as "
        "idempotent.",
    ),
    "activity_failed": Advice(
        "The endpoint failed, refused, or could not be reached.",
        "Read what it answered, look into its log, and start again when it works.",
    ),
    "fatal_error": Advice(
        "It can never work as things are: a target that is not allowed, credentials that are refused, an action that "
        "is gone, or a path that goes on for ever.",
        "Change what the message names (the action, its endpoint URL, the connection or the workflow) and start again.",
    ),
    "unknown_action": Advice(
        "The catalog has no action of this name any more.",
        "Register the action again, or save a version of the workflow that names another one.",
    ),
    "integration_not_connected": Advice(
        "The action belongs to an integration that this project has no connection with.",
        "Connect it (PUT …/integrations/<slug>), or have the installation given credentials of its own.",
    ),
}


def advice_for(error_type: str) -> Advice:
    """What to do about an error of this type."""
    return ADVICE.get(error_type, OWN)
