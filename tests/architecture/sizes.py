"""How large files and functions are, and which budgets that breaks."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from tests.architecture.tree import Module


@dataclass(frozen=True)
class Budgets:
    """Lines, counted as an editor counts them: docstrings, comments and blank lines included."""

    file_lines: int = 300
    file_lines_p90: float = 250
    file_lines_median: float = 120
    function_lines: int = 50
    function_lines_p90: float = 35
    function_lines_median: float = 12
    long_function_lines: int = 35
    long_function_share: float = 0.04


BUDGETS = Budgets()


@dataclass(frozen=True)
class Function:
    where: str
    lines: int


def functions(module: Module) -> Iterator[Function]:
    """Every function and method with its length from `def` to its last line; an inner one counts in the outer too."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            yield Function(f"{module.path}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1)


def over_budget(modules: Sequence[Module], budgets: Budgets = BUDGETS) -> list[str]:
    """A sentence for every budget that these modules break."""
    found = [function for module in modules for function in functions(module)]
    return [
        *_single_offences(modules, found, budgets),
        *_spread("file lines", [module.lines for module in modules], budgets.file_lines_median, budgets.file_lines_p90),
        *_spread(
            "function lines",
            [function.lines for function in found],
            budgets.function_lines_median,
            budgets.function_lines_p90,
        ),
        *_share_of_long_functions(found, budgets),
    ]


def _single_offences(modules: Sequence[Module], found: Sequence[Function], budgets: Budgets) -> Iterator[str]:
    for module in modules:
        if module.lines > budgets.file_lines:
            yield f"{module.path}: expected at most {budgets.file_lines} lines, but it has {module.lines}"
    for function in found:
        if function.lines > budgets.function_lines:
            yield f"{function.where}: expected at most {budgets.function_lines} lines, but it has {function.lines}"


def _spread(what: str, lines: Sequence[int], most_median: float, most_p90: float) -> Iterator[str]:
    if len(lines) < 2:
        return
    middle, p90 = median(lines), quantiles(lines, n=10, method="inclusive")[-1]
    if middle > most_median:
        yield f"{what}: expected a median of at most {most_median:g}, but it is {middle:g}"
    if p90 > most_p90:
        yield f"{what}: expected a 90th percentile of at most {most_p90:g}, but it is {p90:g}"


def _share_of_long_functions(found: Sequence[Function], budgets: Budgets) -> Iterator[str]:
    long = [function for function in found if function.lines > budgets.long_function_lines]
    if len(long) > budgets.long_function_share * len(found):
        names = ", ".join(function.where for function in long)
        yield (
            f"function lines: expected at most {budgets.long_function_share:.0%} above {budgets.long_function_lines}, "
            f"but {len(long)} of {len(found)} are: {names}"
        )
