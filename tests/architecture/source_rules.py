"""Rules on single modules that no import contract can say. Each rule answers with a sentence per offence."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping

from tests.architecture.tree import Module, dotted, imported_names

Rule = Callable[[Module], Iterator[str]]

PURE_MODULES = frozenset(
    """__future__ abc base64 binascii bisect collections contextlib copy dataclasses datetime decimal enum fractions
    functools hashlib heapq hmac ipaddress itertools math operator re statistics string textwrap types typing
    typing_extensions urllib.parse zlib""".split()
)
"""What computes and nothing else. `datetime` is here as a type; asking it for the time is refused below."""

PURE_LIBRARIES = frozenset(
    """pydantic pydantic_core immutables cel libs.contracts libs.chassis.decider
    libs.chassis.ids.derived_id""".split()
)
"""`cel` evaluates an expression over given values: the language has neither a clock nor randomness nor I/O."""

CLOCK_CALLS = frozenset({"now", "utcnow", "today"})
NEIGHBOURS = "libs/chassis/http/neighbour.py"
"""The one call that stays inside: to a service of the same installation, at an address of the settings."""
IO_CALLS = frozenset({"open", "print", "input", "breakpoint", "exec", "eval", "__import__"})

HTTP_CLIENTS = (
    "aiohttp.ClientSession",
    "aiohttp.TCPConnector",
    "aiohttp.client",
    "aiohttp.connector",
    "aiohttp.request",
)
OUTWARD_LIBRARIES = ("slack_sdk", "gidgethub", "requests", "httpx", "urllib.request", "urllib3", "http.client")


def environment_only_in_main(module: Module) -> Iterator[str]:
    """Settings reach code as arguments, so that a test or a second instance can hand in others."""
    if not module.path.startswith(("libs/", "services/")) or module.path.endswith("/__main__.py"):
        return
    for line, name in _uses(module):
        if name in {"os.environ", "os.environb", "os.getenv", "os.putenv"}:
            yield f"{module.path}:{line}: expected settings as arguments, but {name} is read here"


def domain_is_pure(module: Module) -> Iterator[str]:
    """A domain is given time, ids and randomness, and performs nothing."""
    service = re.match(r"services/(\w+)/domain/", module.path)
    if not service:
        return
    own = f"services.{service[1]}.domain"
    for line, name in imported_names(module):
        if not _within(name, PURE_MODULES | PURE_LIBRARIES | {own}):
            yield f"{module.path}:{line}: expected a pure import in a domain, but {name} is none"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and _is_impure_call(node):
            asked = ast.unparse(node.func)
            yield f"{module.path}:{node.lineno}: expected a value as argument, but {asked}() asks the world"
        if isinstance(node, ast.AsyncFunctionDef | ast.Await):
            yield f"{module.path}:{node.lineno}: expected plain functions in a domain, but this one waits"


def outward_calls_only_in_delivery(module: Module) -> Iterator[str]:
    """What leaves the installation goes through the one room that has the target guard."""
    if not module.path.startswith(("libs/", "services/")) or module.path.startswith("services/dispatcher/delivery/"):
        return
    if module.path == NEIGHBOURS:
        return
    for line, name in {*imported_names(module), *_uses(module)}:
        if _within(name, HTTP_CLIENTS) or _within(name, OUTWARD_LIBRARIES):
            yield f"{module.path}:{line}: expected HTTP clients in the delivery room only, but {name} is here"


RULES: Mapping[str, Rule] = {
    rule.__name__: rule for rule in (environment_only_in_main, domain_is_pure, outward_calls_only_in_delivery)
}


def _uses(module: Module) -> Iterator[tuple[int, str]]:
    """Dotted names as they are used, and as they are imported by `from`."""
    yield from imported_names(module)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and (name := dotted(node)):
            yield node.lineno, name


def _within(name: str, allowed: frozenset[str] | tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in allowed)


def _is_impure_call(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr in CLOCK_CALLS
    return isinstance(call.func, ast.Name) and call.func.id in IO_CALLS
