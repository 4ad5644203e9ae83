"""What a step does, in the few words that fit below its name."""

from libs.contracts.codec import Json, JsonObject
from services.audit.dashboard.loose_json import words


def kind_of(step: JsonObject) -> str:
    """`worker · summarize-document`, `sleep · 5m`, `join · a, b`; with `each` before it if it runs for every item."""
    each = "each · " if step.get("each") else ""
    return each + _kind(step)


def _kind(step: JsonObject) -> str:
    if action := words(step.get("action")):
        return f"{words(step.get('action_kind')) or 'worker'} · {action}"
    for shape, field, name in (
        ("sleep", "duration", "sleep"),
        ("wait_signal", "topic", "signal"),
        ("pause", "reason", "pause"),
        ("interaction", "message", "interaction"),
    ):
        body = step.get(shape)
        if isinstance(body, dict):
            return _with(words(body.get("type")) or name, words(body.get(field)))
    join = step.get("join")
    return _join(join) if isinstance(join, dict) else "step"


def _join(join: JsonObject) -> str:
    count, branches = join.get("count"), _names(join.get("branches"))
    named = ", ".join(branches) or "all branches"
    return f"join · {count} of {named}" if isinstance(count, int) and count else f"join · {named}"


def _names(value: Json) -> list[str]:
    return [name for name in map(words, value) if name] if isinstance(value, list) else []


def _with(kind: str, detail: str) -> str:
    return f"{kind} · {detail}" if detail else kind
