"""Actions as pages show them: what they are, how they fare, and who uses them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from markupsafe import Markup

from services.audit.dashboard.charts.durations import count_text, duration_text
from services.audit.dashboard.charts.sparkline import Hour, sparkline
from services.audit.dashboard.places import action_path, workflow_path
from services.audit.dashboard.visit import Visit
from services.audit.domain.action_cards import ActionCard, SecretVersion
from services.audit.domain.hours import hour_of
from services.audit.store.action_stats import ActionStats

HOURS: Final = 24
"""How far back an action is looked at."""


@dataclass(frozen=True, slots=True)
class Fared:
    """How an action fared in the last hours, as texts; None where it was not called."""

    calls: str
    success: str | None
    failed: str | None
    p50: str | None
    p99: str | None
    chart: Markup


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One line of the list of actions. `secret` is the one that signs, `users` are workflows with their pages."""

    card: ActionCard
    path: str
    kind: str
    secret: SecretVersion | None
    users: Sequence[tuple[str, str]]
    fared: Fared


def action_row(visit: Visit, card: ActionCard, stats: ActionStats, users: Sequence[str], now: datetime) -> ActionRow:
    """The line of an action; `users` are handles of workflows."""
    named = [(handle, workflow_path(visit, handle, handle)) for handle in users]
    return ActionRow(card, action_path(visit, card.name), kind_of(card), signing(card, now), named, fared(stats, now))


def kind_of(card: ActionCard) -> str:
    """Who carries it out."""
    return "project endpoint" if card.source == "project" else f"platform · {card.integration}"


def signing(card: ActionCard, now: datetime) -> SecretVersion | None:
    """The newest secret that signs; None for an action without any."""
    return next((one for one in card.secrets if not one.pending and not _is_over(one, now)), None)


def still_there(card: ActionCard, now: datetime) -> Iterator[tuple[SecretVersion, str]]:
    """The versions that sign or may come to, with what they do: `active`, `grace` or `pending`."""
    for one in card.secrets:
        if not _is_over(one, now):
            yield one, "pending" if one.pending else "active" if one.expires_at is None else "grace"


def fared(stats: ActionStats, now: datetime) -> Fared:
    """The numbers of the last hours for people."""
    return Fared(
        calls=count_text(stats.count),
        success=success_text(stats.count, stats.failed),
        failed=count_text(stats.failed) if stats.failed else None,
        p50=_milliseconds(stats.p50_ms),
        p99=_milliseconds(stats.p99_ms),
        chart=sparkline(hours_of(stats, now)),
    )


def success_text(count: int, failed: int) -> str | None:
    """`99.3 %`; never `100 %` where something failed, nor `0 %` where something went well."""
    if not count:
        return None
    share = 100 * (count - failed) / count
    if failed and failed < count:
        share = min(max(share, 0.1), 99.9)
    return f"{share:.1f} %" if share % 100 else f"{share:.0f} %"


def hours_of(stats: ActionStats, now: datetime) -> Sequence[Hour]:
    """One for each of the last hours, the present one last, those without a call too."""
    this = hour_of(now)
    found: Mapping[datetime, Hour] = {one.hour: Hour(one.succeeded + one.failed, one.failed) for one in stats.per_hour}
    return [found.get(this - timedelta(hours=back), Hour(0, 0)) for back in reversed(range(HOURS))]


def since(now: datetime) -> datetime:
    """Where the first of the hours begins."""
    return now - timedelta(hours=HOURS - 1)


def _is_over(secret: SecretVersion, now: datetime) -> bool:
    return secret.expires_at is not None and secret.expires_at <= now


def _milliseconds(value: float | None) -> str | None:
    return None if value is None else duration_text(timedelta(milliseconds=float(f"{value:.2g}")))
