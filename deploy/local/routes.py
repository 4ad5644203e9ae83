"""Reads deploy/routes.yaml, the one routing table, and says which service a request is for."""

import re
from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from libs.contracts.topics import Service

ROUTES_FILE = Path(__file__).resolve().parents[1] / "routes.yaml"
_SEGMENT = re.compile(r"\{\w+\}")


class Route(BaseModel):
    """One line of the table. `methods` None means every method."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    service: Service
    methods: frozenset[str] | None = None

    def expression(self) -> str:
        """The path as a regular expression that matches whole paths; the ingress is made from the same."""
        fixed, tail = (self.path[:-3], "(/.*)?") if self.path.endswith("/**") else (self.path, "")
        return "[^/]+".join(re.escape(part) for part in _SEGMENT.split(fixed)) + tail


class RoutingTable:
    """First match wins."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._compiled = [(re.compile(route.expression()), route) for route in routes]

    def service_for(self, method: str, path: str) -> Service | None:
        """Who answers, or None where the table has no line for it. `path` is raw, without the query."""
        for expression, route in self._compiled:
            if expression.fullmatch(path) and (route.methods is None or method in route.methods):
                return route.service
        return None


def load_routes(file: Path = ROUTES_FILE) -> list[Route]:
    return TypeAdapter(list[Route]).validate_python(yaml.safe_load(file.read_text()))
