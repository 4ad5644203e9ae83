"""Prints a report: the summaries, the runs, the audit log, the takeover, and what was compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from demo.answers import AuditEntry, Step
from demo.checks import text_of
from demo.report import Check, Evidence, Report, Takeover
from demo.summarize_action import ACTION_NAME

DOCUMENT_WIDTH = 34


def print_evidence(console: Console, evidence: Evidence) -> None:
    """The summaries, the run table, one run's audit log, and the audit log across runs."""
    console.print(_summaries(evidence))
    console.print(_runs(evidence))
    first = evidence.runs[0].run.id
    console.print(_audit(f"Action audit log, run_id={first}", evidence.audit_of_first_run))
    console.print(_audit(f"Action audit log, action_name={ACTION_NAME}", evidence.audit_of_action))
    counts = Counter((entry.action_name, entry.status) for entry in evidence.audit)
    told = ", ".join(f"{count} × {action} {status}" for (action, status), count in sorted(counts.items()))
    console.print(f"In the audit log: {told}.\n")


def print_takeover(console: Console, takeover: Takeover) -> None:
    console.print("[bold]The same action, taken over by a worker written with the published SDK[/]")
    console.print(f"  run          {takeover.document.run.id} ({takeover.document.doc_id})")
    console.print(f"  claimed by   {', '.join(takeover.claimed_by) or 'nobody'}")
    console.print(f"  deliveries   {len(takeover.deliveries_during)} to the endpoint during that run\n")


def print_checks(console: Console, checks: Iterable[Check]) -> None:
    for check in checks:
        mark = "[green]✓[/]" if check.ok else "[bold red]✗[/]"
        but = "" if check.ok else f" [red]But: {escape(check.difference)}.[/]"
        console.print(f"{mark} {escape(check.sentence)}.{but}", highlight=False)


def print_closing(console: Console, report: Report) -> None:
    """The last lines: what was compared, how long it took, on what, and whether it all agrees."""
    print_checks(console, report.checks)
    count = len(report.evidence.documents)
    console.print(
        f"\n{count} documents in {report.processing_seconds:.1f} s; the whole demo took {report.total_seconds:.1f} s."
    )
    if report.loss:
        console.print(f"[bold yellow]{report.loss}[/]", highlight=False)
    if report.ok:
        console.print("[bold green]Everything agrees.[/] Everything that the demo started is stopped.")
    else:
        console.print(f"[bold red]Something differs.[/] The receiver's log is kept in {report.delivery_log}.")


def _summaries(evidence: Evidence) -> Table:
    table = Table(title="Summaries", title_justify="left", show_lines=True)
    table.add_column("Document", max_width=DOCUMENT_WIDTH)
    table.add_column("Words", justify="right", no_wrap=True)
    table.add_column("Summary")
    for one in evidence.runs:
        result = one.run.result_of("summarize")
        name = Text.assemble((str(result.get("title", "?")), "bold"), f"\n{one.doc_id}")
        words = f"{result.get('words_in', '?')} → {result.get('words_out', '?')}"
        table.add_row(name, words, Text(str(result.get("summary", ""))))
    return table


def _runs(evidence: Evidence) -> Table:
    table = Table(title="Runs", title_justify="left")
    for name in ("Run", "Document", "Status"):
        table.add_column(name, no_wrap=True)
    table.add_column("Duration", justify="right", no_wrap=True)
    table.add_column("Steps")
    for one in evidence.runs:
        steps = ", ".join(_step(step) for step in one.run.steps)
        table.add_row(one.run.id, one.doc_id, one.run.status, f"{one.run.seconds * 1000:.0f} ms", steps)
    return table


def _step(step: Step) -> str:
    return f"{step.step_name} ✓" if step.status == "completed" else f"{step.step_name} {step.status}"


def _audit(title: str, entries: Iterable[AuditEntry]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in ("Finished", "Action", "Step", "Parameters", "Status", "Took", "Retries"):
        table.add_column(name, justify="right" if name in ("Took", "Retries") else "left")
    for entry in entries:
        asked = text_of(entry, "doc_id") or text_of(entry, "text")
        finished = entry.finished_at.strftime("%H:%M:%S.%f")[:-3]
        took = f"{entry.milliseconds:.0f} ms"
        row = [
            finished,
            entry.action_name,
            entry.step_name or "",
            escape(asked),
            entry.status,
            took,
            str(entry.retry_count),
        ]
        table.add_row(*row)
    return table
