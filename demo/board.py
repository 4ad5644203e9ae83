"""What the progress display shows, kept up to date from events; no terminal in here."""

from __future__ import annotations

from dataclasses import dataclass, field

from demo.answers import Run
from demo.following import RunEvent

WAITING = ("pending", "running")
WORKER_ACTION = "worker_action"


@dataclass
class Board:
    """Counts over `documents` runs of `steps_per_document` steps. Deliveries and messages are set by who sees them."""

    documents: int
    steps_per_document: int
    deliveries: int = 0
    messages: int = 0
    note: str = ""
    _steps: dict[str, tuple[str, str]] = field(default_factory=dict)
    _runs: dict[str, str] = field(default_factory=dict)

    def hear(self, event: RunEvent) -> None:
        """Takes one event of any run; a repeated or unknown one changes nothing."""
        status = str(event.data.get("status", ""))
        if event.type == "run_step_updated":
            key = f"{event.run_id}/{event.data.get('id')}"
            self._steps[key] = (str(event.data.get("kind", "")), status)
        elif event.type == "run_updated":
            self._runs[event.run_id] = status

    def finish(self, run: Run) -> None:
        """The run is over: what it says itself counts, whatever its events said."""
        self._runs[run.id] = run.status
        self._steps |= {f"{run.id}/{step.id}": (step.kind, step.status) for step in run.steps}

    @property
    def done(self) -> int:
        return sum(1 for status in self._runs.values() if status == "completed")

    @property
    def failed(self) -> int:
        return sum(1 for status in self._runs.values() if status == "failed")

    @property
    def steps(self) -> int:
        return self.documents * self.steps_per_document

    @property
    def steps_done(self) -> int:
        return sum(1 for _, status in self._steps.values() if status == "completed")

    @property
    def jobs_waiting(self) -> int:
        return sum(1 for kind, status in self._steps.values() if kind == WORKER_ACTION and status in WAITING)

    def line(self) -> str:
        """Everything on one line, for a terminal that cannot redraw."""
        parts = [f"{self.done}/{self.documents} documents", f"{self.steps_done}/{self.steps} steps"]
        parts += [f"{self.jobs_waiting} jobs waiting", f"{self.deliveries} deliveries", f"{self.messages} messages"]
        return ", ".join(parts) + (f", {self.failed} FAILED" if self.failed else "")
