"""How far the audit has come, all replicas together."""

from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads

QUERIES = load_queries(__package__)


async def recorded_up_to(reads: Reads) -> int:
    """A number that differs whenever something was recorded."""
    row = await reads.row(QUERIES["recorded_up_to"])
    return 0 if row is None or row["mark"] is None else int(row["mark"])
