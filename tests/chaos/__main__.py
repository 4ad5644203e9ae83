"""`python -m tests.chaos --seconds 60 --seed 7`: one storm, its verdict, and where the evidence lies. Exit code 1 where
something is wrong."""

import argparse
import secrets
import shutil
import sys
import time
from pathlib import Path

import uvloop

from tests.chaos.oracle.judge import judge
from tests.chaos.oracle.observation import save
from tests.chaos.report import summary, verdict
from tests.chaos.storm.course import Outcome, Weather, weather

_CHECKOUT = Path(__file__).resolve().parents[2]


def tell(sentence: str) -> None:
    print(sentence, flush=True)


def run(folder: Path, day: Weather) -> bool:
    """Answers whether everything was right. The folder is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tell(f"chaos with seed {day.seed} for {day.seconds:g} s, {day.in_flight} runs in flight")
    began = time.monotonic()
    outcome = uvloop.run(weather(folder, day, tell))
    save(outcome.observation, folder / "evidence.json")
    right = _judge(outcome)
    tell(f"seed {day.seed}, {time.monotonic() - began:.0f} s in all; the evidence is in {folder}")
    return right


def _judge(outcome: Outcome) -> bool:
    judged = judge(outcome.observation)
    tell("\n" + summary(outcome.struck, outcome.observation) + "\n\n" + verdict(judged))
    if outcome.moving:
        tell(f"It did not come to rest by itself: {outcome.moving}")
    return not outcome.moving and not any(judged.values())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=180.0, help="how long it is struck (default 180)")
    parser.add_argument("--seed", type=int, default=None, help="what the plan is drawn from (default: a random one)")
    parser.add_argument("--in-flight", type=int, default=300, help="runs that have not ended (default 300)")
    parser.add_argument("--calm", action="store_true", help="the same load without faults")
    given = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    day = Weather(seed, given.seconds, given.in_flight, faults=not given.calm)
    return 0 if run(_CHECKOUT / "var" / f"chaos-{seed}", day) else 1


if __name__ == "__main__":
    sys.exit(main())
