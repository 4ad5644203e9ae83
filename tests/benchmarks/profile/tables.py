"""The figures beside the pictures: the functions that a reader would look for first."""

from collections.abc import Mapping, Sequence

from tests.benchmarks.profile.flame import Share

MOST = 30
ROOT = "all"
EVERYTHING = 0.995
"""What more than this passes through is the way in, and tells nothing."""


def table_of(service: str, found: Sequence[Share], cores: float) -> str:
    """The heaviest functions by their own time, and then with all that they call."""
    functions = [share for share in found if share.name != ROOT]
    own = sorted(functions, key=lambda share: -share.own)[:MOST]
    total = sorted((share for share in functions if share.total < EVERYTHING), key=lambda share: -share.total)[:MOST]
    lines = [f"{service}: {cores:.0%} of a core", "", "on the CPU itself"]
    lines += [f"  {share.own:7.1%}  {share.name}" for share in own]
    lines += ["", "with everything that it calls"]
    lines += [f"  {share.total:7.1%}  {share.name}" for share in total]
    return "\n".join(lines) + "\n"


def summary(rate: float, spent: Mapping[str, float], workflows: int) -> str:
    """Which process pays how much for a workflow."""
    lines = [f"{rate:.0f} workflows/s while sampled; CPU per workflow:"]
    by_cost = sorted(spent.items(), key=lambda item: -item[1])
    lines += [f"  {seconds / workflows * 1_000:7.2f} ms  {name}" for name, seconds in by_cost]
    return "\n".join([*lines, f"  {sum(spent.values()) / workflows * 1_000:7.2f} ms  in all"]) + "\n"
