"""The hours that invocations are counted by."""

from datetime import datetime


def hour_of(moment: datetime) -> datetime:
    """Where the hour begins in which the moment lies."""
    return moment.replace(minute=0, second=0, microsecond=0)
