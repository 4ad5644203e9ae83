"""What the audit hears: one file per speaker. Both add to the same projection, which is written with one statement."""

from collections.abc import Sequence

from libs.chassis.bus.batch import NO_EFFECTS, Effects, Heard
from libs.contracts.topics import topic_for
from services.audit.consumers.dispatcher_events import hear_dispatcher
from services.audit.consumers.engine_events import hear_engine
from services.audit.domain.projection import Projection
from services.audit.store.projection import parts_of

ENGINE = topic_for("engine", "run.started").name


class Hearing:
    """The handler of the audit's consumer. The two topics meet in one batch, and may tell of the same attempt."""

    def __init__(self, summary_bytes: int) -> None:
        self._summary_bytes = summary_bytes

    async def __call__(self, heard: Sequence[Heard]) -> Effects:
        projection = Projection()
        for item in heard:
            if item.record.topic == ENGINE:
                hear_engine(item, projection)
            else:
                hear_dispatcher(item, projection, self._summary_bytes)
        parts = parts_of(projection)
        return Effects(parts=parts) if parts else NO_EFFECTS
