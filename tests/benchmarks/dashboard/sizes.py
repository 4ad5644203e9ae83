"""How much there is to look at, and how often it is looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """`steps` are those of one long run, `runs` those in the list; `requests` are counted for each page, after a
    warm-up of a tenth."""

    actions: int = 1_000
    invocations: int = 5_000_000
    runs: int = 200_000
    steps: int = 10_000
    requests: int = 120

    @property
    def sentence(self) -> str:
        """What was measured."""
        return (
            f"{self.actions:,} actions, {self.invocations:,} invocations, {self.runs:,} runs, "
            f"runs of {self.steps:,} attempts; {self.requests} requests for each page"
        )


def action_name(number: int) -> str:
    """As `lay_invocations` names them."""
    return f"bench-{number:04}"
