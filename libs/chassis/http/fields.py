"""Paths of fields as callers read them: `spec.steps[0].action`, `parameters["odd key"]`."""

import re
from collections.abc import Sequence
from typing import Final, cast

from libs.contracts.codec import Json

_ABSENT: Final = object()
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def field_path(steps: Sequence[str | int]) -> str:
    """The path's text; empty for the whole document."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _NAME.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += '["' + step.replace("\\", "\\\\").replace('"', '\\"') + '"]'
    return text


def steps_into(document: Json, location: Sequence[str | int], *, absent_last: bool) -> list[str | int]:
    """The steps of a validator's location that exist in the document: names of union members are left out.

    `absent_last`: the last step is a field that is missing, and kept.
    """
    steps: list[str | int] = []
    node = document
    for place, step in enumerate(location):
        child = _child(node, step)
        if child is not _ABSENT:
            node = cast(Json, child)
        elif not (absent_last and place == len(location) - 1):
            continue
        steps.append(step)
    return steps


def _child(node: Json, step: str | int) -> object:
    if isinstance(node, dict) and isinstance(step, str):
        return node.get(step, _ABSENT)
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    return _ABSENT
