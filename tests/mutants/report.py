"""What came of the mutants, for people."""

from collections.abc import Sequence
from pathlib import Path

from tests.mutants.trial import Verdict

HEAD = ("guard", "mutant", "killed by", "s")


def progress(verdict: Verdict) -> str:
    """One line as soon as it is known."""
    return f"{'killed' if verdict.killed else 'SURVIVES'}  {verdict.mutant.name}  {verdict.run.seconds:.0f} s"


def table(verdicts: Sequence[Verdict], root: Path) -> str:
    """One row for each mutant, in columns."""
    rows = [HEAD, *(_row(verdict, root) for verdict in verdicts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def survivors(verdicts: Sequence[Verdict]) -> str:
    """How many were killed, and what nobody would notice of the others."""
    alive = [verdict for verdict in verdicts if not verdict.killed]
    told = [f"{one.mutant.name}: {one.mutant.danger}\n    {_why(one)}, see {one.run.log}" for one in alive]
    return "\n".join([f"\n{len(verdicts) - len(alive)} of {len(verdicts)} mutants were killed", *told])


def _row(verdict: Verdict, root: Path) -> tuple[str, str, str, str]:
    mutant = verdict.mutant
    first, *more = (killer.partition("::")[2].partition("[")[0] for killer in mutant.killers)
    by = f"{first}{f' and {len(more)} more' if more else ''}" if verdict.killed else f"NOBODY ({_why(verdict)})"
    return mutant.name, f"{mutant.path}:{mutant.line(root)}", by, f"{verdict.run.seconds:.0f}"


def _why(verdict: Verdict) -> str:
    if verdict.run.status is None:
        return "its tests did not come to an end"
    if verdict.run.status > 1:
        return f"pytest ended with {verdict.run.status}"
    return f"not noticed by {', '.join(killer.partition('::')[2] for killer in verdict.deaf)}"
