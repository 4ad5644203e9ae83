"""Why a step cannot go on: raised while a step is prepared or followed, and turned into StepFailed by `decide`."""

from libs.contracts.codec import JsonObject
from services.engine.domain.problems import shortened


class Fault(Exception):
    """A failure of one step, with the error type that `retry` and `catch` will see."""

    def __init__(self, error_type: str, sentence: str, details: "JsonObject | None" = None) -> None:
        super().__init__(sentence)
        self.error_type = error_type
        self.sentence = shortened(sentence)
        self.details = details
