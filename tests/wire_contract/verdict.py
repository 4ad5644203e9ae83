"""What the file says of our exchanges, as lines of a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.e2e.operations.documented import Documented, Operation
from tests.wire_contract.walk import Exchange

GOOD = 300


@dataclass
class Line:
    """One operation: the statuses that were answered, what is wrong, and refusals that the file does not foresee."""

    operation: Operation
    statuses: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    unforeseen: set[int] = field(default_factory=set)

    @property
    def verdict(self) -> str:
        if self.faults:
            return "BROKEN"
        return "ok" if not self.unforeseen else f"ok; the file has no {', '.join(map(str, sorted(self.unforeseen)))}"


def judge(file: Documented, operation: Operation, exchanges: Iterable[Exchange]) -> Line:
    """Right requests have to be allowed and answered well; an answer has to have its status's schema.

    A refusal whose status the file does not list for the operation is no fault, as long as it has the shape that the
    file gives to refusals of this operation.
    """
    line = Line(operation)
    for exchange in exchanges:
        status = exchange.reply.status
        line.statuses.append(status)
        if exchange.right:
            line.faults += [f"request: {fault}" for fault in file.faults_of_body(operation, exchange.asked.body)]
            line.faults += [] if status < GOOD else [f"{status}: expected a right request to be answered well"]
        if status >= GOOD and not {str(status), "default"} & operation.raw["responses"].keys():
            line.unforeseen.add(status)
            line.faults += [f"{status}: {fault}" for fault in file.faults_of_refusal(operation, exchange.reply)]
        else:
            line.faults += [f"{status}: {fault}" for fault in file.faults(operation, exchange.reply)]
    return line


def table(lines: Sequence[Line]) -> list[str]:
    """The table, with the faults below their operation."""
    widths = (max(len(line.operation.tag) for line in lines), max(len(line.operation.id) for line in lines))
    shown = []
    for line in lines:
        statuses = " ".join(str(status) for status in dict.fromkeys(line.statuses))
        name = f"{line.operation.tag:<{widths[0]}}  {line.operation.id:<{widths[1]}}"
        shown.append(f"{name}  {statuses:<20}  {line.verdict}")
        shown += [f"    {fault}" for fault in dict.fromkeys(line.faults)]
    return shown


def lacking(file: Documented, ours: Iterable[Operation], tags: Sequence[str]) -> list[str]:
    """The file's operations that we do not have, by tag."""
    known = {(one.method, _form(one.path)) for one in ours}
    by_tag: dict[str, list[str]] = {}
    for one in file.operations():
        if (not tags or one.tag in tags) and (one.method, _form(one.path)) not in known:
            by_tag.setdefault(one.tag, []).append(one.id)
    return [f"not here, of {tag}: {', '.join(names)}" for tag, names in sorted(by_tag.items())]


def counterpart(file: Documented, operation: Operation) -> Operation | None:
    """The file's operation with this method and path, whatever its parameters are called."""
    wanted = (operation.method, _form(operation.path))
    return next((one for one in file.operations() if (one.method, _form(one.path)) == wanted), None)


def _form(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
