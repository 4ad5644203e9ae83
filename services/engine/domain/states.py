"""The three life cycles of a run as tables: (status, what happens) → status. What is not listed cannot happen."""

from collections.abc import Mapping
from typing import Literal

RunStatus = Literal["active", "completed", "failed"]
StepStatus = Literal["pending", "running", "completed", "failed", "cancelled"]
PathStatus = Literal["working", "waiting", "completed", "failed"]
WaitKind = Literal["sleep", "signal", "interaction", "pause", "join", "retry"]

RunHappening = Literal["start", "complete", "fail"]
StepHappening = Literal["schedule", "start", "progress", "complete", "fail", "close"]
PathHappening = Literal["begin", "move", "wait", "resume", "end", "fail"]

RUN: Mapping[tuple[RunStatus | None, RunHappening], RunStatus] = {
    (None, "start"): "active",
    ("active", "complete"): "completed",
    ("active", "fail"): "failed",
}

STEP: Mapping[tuple[StepStatus | None, StepHappening], StepStatus] = {
    (None, "schedule"): "pending",
    (None, "fail"): "failed",  # its parameters could not be made, so nobody was asked
    ("pending", "start"): "running",
    ("pending", "progress"): "pending",
    ("pending", "complete"): "completed",
    ("pending", "fail"): "failed",
    ("pending", "close"): "cancelled",
    ("running", "progress"): "running",
    ("running", "complete"): "completed",
    ("running", "fail"): "failed",
    ("running", "close"): "cancelled",
}

PATH: Mapping[tuple[PathStatus | None, PathHappening], PathStatus] = {
    (None, "begin"): "working",
    ("working", "move"): "working",
    ("working", "wait"): "waiting",
    ("waiting", "resume"): "working",
    ("working", "end"): "completed",
    ("working", "fail"): "failed",
    ("waiting", "fail"): "failed",
}

TERMINAL: frozenset[str] = frozenset({"completed", "failed", "cancelled"})
