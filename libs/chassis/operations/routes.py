"""An operator's routes: the same in every service that consumes, below its name."""

from collections.abc import Sequence

from libs.chassis.http import AnyRoute, Page, Role, Route
from libs.chassis.operations.models import DeadLettersPage, ParkedStreamDetail, ParkedStreamsPage, ResumeBody
from libs.chassis.operations.operations import Operations


def operations_routes(service: str, operations: Operations) -> Sequence[AnyRoute]:
    """For keys of administrators of the whole installation."""
    base, name = f"/v1/operations/{service}", f"Of{service.capitalize()}"
    return (
        Route(
            method="GET",
            path=f"{base}/parked-streams",
            operation_id=f"listParkedStreams{name}",
            summary="List streams that stand still, the longest parked first.",
            handler=operations.list_parked,
            role=Role.ADMIN,
            query=Page,
            responses={200: ParkedStreamsPage},
        ),
        Route(
            method="GET",
            path=f"{base}/parked-streams/{{parked_stream}}",
            operation_id=f"getParkedStream{name}",
            summary="Look at a parked stream and the first records that wait in it.",
            handler=operations.show_parked,
            role=Role.ADMIN,
            responses={200: ParkedStreamDetail},
        ),
        Route(
            method="POST",
            path=f"{base}/parked-streams/{{parked_stream}}/resume",
            operation_id=f"resumeParkedStream{name}",
            summary="Let a parked stream go on: with its first record, or without it.",
            handler=operations.resume,
            role=Role.ADMIN,
            body=ResumeBody,
            body_optional=True,
            responses={202: ParkedStreamDetail},
        ),
        Route(
            method="GET",
            path=f"{base}/dead-letters",
            operation_id=f"listDeadLetters{name}",
            summary="List records that were set aside, by topic, partition and offset (as text).",
            handler=operations.list_dead_letters,
            role=Role.ADMIN,
            query=Page,
            responses={200: DeadLettersPage},
        ),
    )
