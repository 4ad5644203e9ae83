"""Which edges a path follows after a step, and how the paths are called that start there."""

from collections.abc import Sequence

from immutables import Map

from libs.contracts.events.engine import Follow
from services.engine.domain.definition import Edge, Step
from services.engine.domain.expressions import ExpressionError, Scope
from services.engine.domain.faults import Fault
from services.engine.domain.limits import PATH_DEPTH
from services.engine.domain.run_state import PathState


def followed(step: Step, path: str, paths: Map[str, PathState], scope: Scope) -> list[Follow]:
    """The edges that are followed, in the order of the list. Raises Fault when a condition cannot be answered."""
    names = _PathNames(paths)
    follow: list[Follow] = []
    continues = False
    for edge in _matching(step, scope):
        if edge.branch is None and not continues:
            continues = True
            follow.append(Follow(path=path, step=edge.step))
        else:
            follow.append(Follow(path=names.new(path, edge.branch), step=edge.step))
    return follow


def _matching(step: Step, scope: Scope) -> Sequence[Edge]:
    matching: list[Edge] = []
    for edge in step.edges:
        if _holds(edge, scope):
            matching.append(edge)
            if step.first_only:
                break
    return matching


def _holds(edge: Edge, scope: Scope) -> bool:
    try:
        return edge.condition is None or edge.condition.is_true(scope)
    except ExpressionError as error:
        raise Fault(
            "expression_error", str(error), {"expression": edge.condition.source if edge.condition else ""}
        ) from None


class _PathNames:
    """Names for new paths: the branch's, or `<path>/<n>`; a branch that has begun before goes on as `<branch>/<n>`."""

    def __init__(self, paths: Map[str, PathState]) -> None:
        self._paths = paths
        self._new: dict[str, int] = {}

    def new(self, path: str, branch: str | None) -> str:
        if branch is not None and branch not in self._paths and branch not in self._new:
            self._new[branch] = 0
            return branch
        base = path if branch is None else branch
        known = self._paths[base].children if base in self._paths else 0
        self._new[base] = max(self._new.get(base, 0), known) + 1
        if base.count("/") + 1 > PATH_DEPTH:
            raise Fault("fatal_error", f"expected paths at most {PATH_DEPTH} deep, but {base} would start another")
        return f"{base}/{self._new[base]}"
