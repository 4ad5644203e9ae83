"""Why a run failed, in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.contracts.codec import parse_own_json
from services.audit.dashboard.loose_json import objects, words
from services.audit.dashboard.presenters.advice import Advice, advice_for
from services.audit.store.runs import Run


@dataclass(frozen=True, slots=True)
class RunError:
    """One error. `step` and `path` are None where it is of the run as a whole."""

    error_type: str
    message: str
    step: str | None
    path: str | None
    advice: Advice


def run_errors(run: Run) -> Sequence[RunError]:
    """What went wrong on its paths; the run's own error where none of them says."""
    listed = [] if run.errors is None else list(objects(parse_own_json(run.errors)))
    found = [
        _error(
            words(one.get("error_type")),
            words(one.get("error_message")),
            words(one.get("step")) or None,
            words(one.get("path")) or None,
        )
        for one in listed
    ]
    if not found and run.error_type is not None:
        found = [_error(run.error_type, run.error_message or "", None, None)]
    return found


def _error(error_type: str, message: str, step: str | None, path: str | None) -> RunError:
    return RunError(error_type, message, step, path, advice_for(error_type))
