"""The semantics of workflows, executable and naive: no events, no caches, everything looked up and copied every time.

It shares no code with the engine's domain; the tests run both beside each other. What the rules leave open is settled
here and there in the same way:

- a path that starts without a name is `<path>/<n>`, n counting from 1; a branch that began before goes on as
  `<branch>/<n>` in the same manner
- an output that its path never stored, or whose path never began, is null
- a condition that cannot be answered fails the step it stands on, whose result then counts for nothing
"""

import copy
import json
import re
from dataclasses import dataclass, field
from typing import Any

import cel

Document = dict[str, Any]

Place = tuple[str, str]
"""A path and the step it is at."""


class CannotSay(Exception):
    """The expression has no value."""


@dataclass
class Executed:
    """One step that somebody was asked to execute."""

    path: str
    step: str
    parameters: Document


@dataclass
class ReferenceRun:
    """One run. `open` holds what is being executed; `executed` is everything that ever was, in order."""

    spec: Document
    inputs: Document
    facts: Document
    status: str = "active"
    outputs: Document | None = None
    open: set[Place] = field(default_factory=set)
    executed: list[Executed] = field(default_factory=list)
    states: dict[str, Document] = field(default_factory=dict)
    failed: list[tuple[str, str, str]] = field(default_factory=list)

    def begin(self) -> None:
        self.states["main"] = copy.deepcopy(self.spec.get("state", {}))
        self._schedule("main", self.spec.get("start_at", self.spec["steps"][0]["name"]))

    def complete(self, path: str, name: str, result: object) -> None:
        self.open.remove((path, name))
        step = self._step(name)
        state = copy.deepcopy(self.states[path])
        if "store" in step:
            state[step["store"]] = result
        try:
            followed = self._followed(step, state)
        except CannotSay:
            self._fail(path, name, "expression_error")
            return
        self.states[path] = state
        for target, where in self._places(path, followed):
            if target != path:
                self.states[target] = copy.deepcopy(state)
            if self.status == "active":
                self._schedule(target, where)
        if not self.open and self.status == "active":
            self._finish()

    def fail(self, path: str, name: str, error_type: str) -> None:
        self.open.remove((path, name))
        self._fail(path, name, error_type)

    def cancel(self) -> None:
        self.status = "failed"
        self.open.clear()

    def _step(self, name: str) -> Document:
        return next(step for step in self.spec["steps"] if step["name"] == name)

    def _edges(self, name: str) -> list[Document]:
        steps = self.spec["steps"]
        if any("next" in step for step in steps):
            return list(self._step(name).get("next", []))
        position = [step["name"] for step in steps].index(name)
        return [{"step": steps[position + 1]["name"]}] if position + 1 < len(steps) else []

    def _followed(self, step: Document, state: Document) -> list[Document]:
        edges = self._edges(step["name"])
        if step.get("edge_matching_strategy") != "first":
            return [edge for edge in edges if self._holds(edge, state)]
        for edge in edges:
            if self._holds(edge, state):
                return [edge]
        return []

    def _holds(self, edge: Document, state: Document) -> bool:
        if "condition" not in edge:
            return True
        text = edge["condition"]
        value = self._value(text[2:-1] if text.startswith("${") else text, state)
        if not isinstance(value, bool):
            raise CannotSay(text)
        return value

    def _places(self, path: str, followed: list[Document]) -> list[Place]:
        places: list[Place] = []
        names = set(self.states)
        for edge in followed:
            if "branch" not in edge and path not in {place[0] for place in places}:
                places.append((path, edge["step"]))
                continue
            name = edge.get("branch") or _numbered(path, names)
            name = _numbered(name, names) if name in names else name
            names.add(name)
            places.append((name, edge["step"]))
        return places

    def _schedule(self, path: str, name: str) -> None:
        step = self._step(name)
        try:
            parameters = self._rendered(step.get("parameters", {}), self.states[path])
        except CannotSay:
            self._fail(path, name, "expression_error")
            return
        self.open.add((path, name))
        self.executed.append(Executed(path, name, parameters))

    def _fail(self, path: str, name: str, error_type: str) -> None:
        self.failed.append((path, name, error_type))
        self.cancel()

    def _finish(self) -> None:
        self.status = "completed"
        self.outputs = {
            output["name"]: self.states.get(output.get("branch", "main"), {}).get(output["variable"])
            for output in self.spec.get("outputs", [])
        }

    def _rendered(self, value: object, state: Document) -> Any:
        if isinstance(value, dict):
            return {name: self._rendered(item, state) for name, item in value.items()}
        if isinstance(value, list):
            return [self._rendered(item, state) for item in value]
        return self._text(value, state) if isinstance(value, str) else value

    def _text(self, text: str, state: Document) -> Any:
        if alone := re.fullmatch(r"\$\{([^{}]*)\}", text):
            return self._value(alone[1], state)

        def written(mark: re.Match[str]) -> str:
            if mark[0] == "$${":
                return "${"
            value = self._value(mark[1], state)
            return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)

        return re.sub(r"\$\$\{|\$\{([^{}]*)\}", written, text)

    def _value(self, expression: str, state: Document) -> Any:
        try:
            return cel.evaluate(expression, {"inputs": self.inputs, "state": state, "run": self.facts})
        except Exception as error:
            raise CannotSay(expression) from error


def _numbered(base: str, names: set[str]) -> str:
    taken = [name for name in names if re.fullmatch(re.escape(base) + r"/\d+", name)]
    return f"{base}/{len(taken) + 1}"
