"""Holds the list of failpoints against the code: what leaves something behind has a name for the state that it leaves.

The rule: a call that makes something durable is followed by `assert reached(…)` in the next statement. So the state
between this effect and whatever comes next has a name, and a test dies in it. Durable is

- a statement of a `.sql` file, or one in the code, that inserts, updates or deletes;
- `run` and `commit` of the chassis, the `Writer.write` that stands before them, and the end of a transaction;
- what is sent: to the broker, to an endpoint, by an integration.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from libs.chassis.db.queries import load_queries
from tests.architecture.tree import Module, dotted

WRITES = re.compile(r"\b(INSERT\s+INTO|UPDATE\s+\w+(\s+\w+)?\s+SET|DELETE\s+FROM)\b", re.IGNORECASE)
STATEMENTS = frozenset({"rows", "row", "fetch", "fetchrow", "fetchval", "execute", "executemany", "script"})
SENDING = frozenset({"publish", "send", "send_batch", "send_and_wait", "post", "request", "api_call", "invoke"})
COMMITTING = frozenset({"libs.chassis.db.statement.run", "libs.chassis.journal.commit.commit"})
"""By the names that they are imported by."""

DRIVERS = ("libs/chassis/db/link.py", "libs/chassis/db/reads.py", "libs/chassis/db/statement.py")
"""What all of these are made of: they run what they are given, and who gives it names the state."""

EXEMPT: Mapping[str, str] = {
    "libs/chassis/bus/producer.py send_batch": "batch_acknowledged stands behind its caller, in `publish`",
    "libs/chassis/outbox/shard_relay.py publish": "the producer's own batch_acknowledged stands behind each batch",
    "libs/chassis/bus/state_speaker.py publish": "the same; whoever calls `say` may name the state beside it",
    "libs/chassis/journal/commit.py run": "whoever calls `commit` names the state, each its own",
    "services/engine/store/runs.py rows": "built of `list_runs`, which only reads",
    "services/audit/store/conditions.py rows": "built of queries of the pages, which only read",
    "services/catalog/store/resealing.py rows": "the `find` of a sealed column, which only reads",
    "services/catalog/store/resealing.py row": "the `count` of a sealed column, which only reads",
    "services/dispatcher/store/writer.py run": "whoever calls `write` names the state, each its own",
    "libs/chassis/db/migrator.py script": "inside the transaction of all migrations: migration_applied, then the end",
    "libs/chassis/http/neighbour.py request": "what the asked service makes durable, it names itself",
    "services/audit/store/sessions.py rows": "a session whose cookie nobody was given ends by itself, with its time",
    "services/dispatcher/delivery/sender.py post": "opens nothing yet; its `async with` begins with delivery_begun",
    "services/dispatcher/delivery/caller.py request": "opens nothing yet; the errand names it: integration_answered",
    "services/dispatcher/delivery/integrations/slack.py api_call": "the errand names it: integration_answered",
    "services/dispatcher/delivery/integrations/github.py post": "makes a token and nothing that stays",
    "services/dispatcher/delivery/integrations/registry.py invoke": "the errand names it: integration_answered",
}
"""`<path> <call>` → why no failpoint stands directly behind it."""


def unnamed_states(module: Module) -> Iterator[str]:
    """A sentence for each durable call without a failpoint behind it."""
    if module.path in DRIVERS or "/domain/" in module.path:
        return
    for block in _blocks(module.tree):
        for place, statement in enumerate(block):
            for call in _own_calls(statement):
                name = _durable(module, call)
                if name and not _is_named(block, place) and f"{module.path} {name}" not in EXEMPT:
                    yield (
                        f"{module.path}:{call.lineno}: expected `assert reached(…)` behind {name}, because it makes"
                        " something durable, but the state after it has no name in libs/chassis/failpoints.py"
                    )


def exempted(module: Module) -> Iterator[str]:
    """The exemptions that this module uses."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and (name := _durable(module, node)):
            yield f"{module.path} {name}"


def reached(module: Module) -> Iterator[str]:
    """The names of the failpoints in a module. Each is a literal inside an assert, which `-O` removes."""
    asserted = {id(node.test) for node in ast.walk(module.tree) if isinstance(node, ast.Assert)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and dotted(node.func) == "reached":
            (name,) = node.args
            assert id(node) in asserted, f"{module.path}:{node.lineno}: expected `assert reached(…)`"
            assert isinstance(name, ast.Constant), f"{module.path}:{node.lineno}: expected a name as it stands"
            yield str(name.value)


def _blocks(tree: ast.Module) -> Iterator[Sequence[ast.stmt]]:
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                yield block


_BELOW = (ast.stmt, ast.ExceptHandler)


def _own_calls(statement: ast.stmt) -> Iterator[ast.Call]:
    """The calls in a statement, without those of the blocks below it, which are looked at by themselves."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            yield node
        waiting += [child for child in ast.iter_child_nodes(node) if not isinstance(child, _BELOW)]


def _is_named(block: Sequence[ast.stmt], place: int) -> bool:
    behind = block[place + 1] if place + 1 < len(block) else None
    asserted = behind.test if isinstance(behind, ast.Assert) else None
    return isinstance(asserted, ast.Call) and dotted(asserted.func) == "reached"


def _durable(module: Module, call: ast.Call) -> str | None:
    """How the call is named, if it makes something durable."""
    name = dotted(call.func) or (call.func.attr if isinstance(call.func, ast.Attribute) else "")
    last = name.rpartition(".")[2]
    if _imports(module).get(name, name) in COMMITTING or name.endswith("writer.write"):
        return last
    if "." in name and last in {*SENDING, "transaction"}:
        return last
    if last in STATEMENTS and call.args and _writes(module, call.args[0]):
        return last
    return None


@cache
def _imports(module: Module) -> Mapping[str, str]:
    """What was imported by `from`, with its module."""
    found = [node for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name: f"{node.module}.{alias.name}" for node in found for alias in node.names}


def _writes(module: Module, asked: ast.expr) -> bool:
    """Whether the SQL writes; what cannot be read here counts as if it did."""
    if isinstance(asked, ast.Constant):
        return bool(WRITES.search(str(asked.value)))
    if isinstance(asked, ast.Subscript) and isinstance(asked.slice, ast.Constant):
        return bool(WRITES.search(_query(module, ast.unparse(asked.value), str(asked.slice.value))))
    return True


def _query(module: Module, table: str, name: str) -> str:
    """The text of a named statement: `QUERIES["claim_jobs"]`, of this package or of the one that is loaded."""
    for package in _packages(module, table):
        if name in (queries := load_queries(package)):
            return queries[name]
    return "INSERT INTO nobody_knows"


def _packages(module: Module, table: str) -> Iterator[str]:
    own = module.path.rpartition("/")[0].replace("/", ".")
    if table in _imports(module):
        yield _imports(module)[table].rpartition(".")[0].rpartition(".")[0]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and dotted(node.func) == "load_queries":
            yield str(node.args[0].value) if isinstance(node.args[0], ast.Constant) else own
