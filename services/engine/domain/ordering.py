"""Which step follows which: the authored `next`, or the order of the list."""

from collections.abc import Mapping, Sequence

from services.engine.domain.spec import EdgeSpec, WorkflowSpec


def start_of(spec: WorkflowSpec) -> str:
    """The name of the first step."""
    return spec.start_at or spec.steps[0].name


def edges_of(spec: WorkflowSpec) -> Mapping[str, Sequence[EdgeSpec]]:
    """Outbound edges by step name. As soon as one step declares `next`, the order of the list means nothing."""
    if any(step.next is not None for step in spec.steps):
        return {step.name: step.next or [] for step in spec.steps}
    followers = [[EdgeSpec(step=step.name)] for step in spec.steps[1:]]
    return {step.name: edges for step, edges in zip(spec.steps, [*followers, []], strict=True)}
