"""The demo from beginning to end: `await run(Options())` tells it on the console and answers with a `Report`."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from rich.console import Console

from demo import audit_log, tables
from demo.answers import Registered, Workflow
from demo.board import Board
from demo.checks import check_evidence, check_takeover
from demo.delivery_log import Delivery
from demo.kill_switch import KillSwitch
from demo.mobius_api import MobiusApi, connected
from demo.options import Options
from demo.progress import shown
from demo.report import DocumentRun, Evidence, Report
from demo.slack_double import SlackMessage
from demo.stage import Stage, opened
from demo.summarize_action import ACTION_NAME, registration
from demo.takeover import take_over
from demo.workflow_runs import process, save_workflow, workflow_spec

DEFAULTS = Options()
WIDTH_WITHOUT_TERMINAL = 120


async def run(options: Options = DEFAULTS, console: Console | None = None) -> Report:
    """Tells the whole demo. Everything that was started is stopped when this returns or raises."""
    console = console or _console()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="mobius-demo-"))
    keep = options.folder is not None
    try:
        report = await _Teller(options, folder, console).tell()
        keep = keep or not report.ok
    except Exception:
        keep = True
        console.print(f"[bold red]The demo broke off.[/] Logs and data are kept in {folder}.")
        raise
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    tables.print_closing(console, report)
    return report


def _console() -> Console:
    """The terminal as wide as it is; a file or a pipe gets lines of a fixed width."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH_WITHOUT_TERMINAL)


class _Teller:
    """One telling of the demo: what was chosen, where its data lies, where it is told."""

    def __init__(self, options: Options, folder: Path, console: Console) -> None:
        self._options, self._folder, self._console = options, folder, console
        self._began = time.monotonic()

    async def tell(self) -> Report:
        self._console.print("Starting PostgreSQL, Kafka and the four services …")
        async with opened(self._options, self._folder, self._tell) as stage:
            self._say_started(stage)
            switch = self._kill_switch(stage)
            async with connected(stage.api_url, stage.api_key, stage.project) as api:
                workflow = await self._prepare(stage, api)
                processing_began = time.monotonic()
                runs = await self._process(stage, api, workflow, switch)
                processing_seconds = time.monotonic() - processing_began
                evidence = await _collect(stage, api, runs)
                tables.print_evidence(self._console, evidence)
                takeover = await take_over(stage, api, workflow)
                tables.print_takeover(self._console, takeover)
        killed = switch.service if switch else None
        checks = (*check_evidence(evidence, killed), *check_takeover(takeover))
        return Report(
            evidence=evidence,
            takeover=takeover,
            checks=checks + ((switch.check(),) if switch else ()),
            loss=stage.loss,
            killed=killed,
            delivery_log=stage.receiver.log.path,
            processing_seconds=processing_seconds,
            total_seconds=time.monotonic() - self._began,
        )

    def _tell(self, sentence: str) -> None:
        """What the stack says. The end of the log is left out for the service that was killed on purpose."""
        if self._options.kill and sentence.startswith(f"{self._options.kill} was killed by signal 9."):
            sentence = f"{self._options.kill} was killed by signal 9."
        self._console.print(sentence, markup=False, highlight=False, style="yellow")

    def _say_started(self, stage: Stage) -> None:
        seconds = time.monotonic() - self._began
        self._console.print(f"Mobius is up at {stage.api_url} after {seconds:.1f} s.", highlight=False)
        if stage.loss:
            self._console.print(f"[bold yellow]{stage.loss}[/]", highlight=False)

    def _kill_switch(self, stage: Stage) -> KillSwitch | None:
        if self._options.kill is None:
            return None
        return KillSwitch(self._options.kill, len(stage.documents), stage.kill)

    async def _prepare(self, stage: Stage, api: MobiusApi) -> Workflow:
        """Registers the action and saves the workflow."""
        action = await api.post("actions", registration(stage.endpoint_url), Registered)
        stage.receiver.trust(action.signing_secret or "")
        self._console.print(f"Registered {ACTION_NAME} with the endpoint {stage.endpoint_url}.", highlight=False)
        workflow = await save_workflow(api)
        self._console.print(f"Saved the workflow {workflow.name} as {workflow.id}.\n", highlight=False)
        return workflow

    async def _process(
        self, stage: Stage, api: MobiusApi, workflow: Workflow, switch: KillSwitch | None
    ) -> tuple[DocumentRun, ...]:
        steps = workflow_spec()["steps"]
        board = Board(len(stage.documents), len(steps) if isinstance(steps, list) else 0)
        _listen(stage, board, switch)
        async with shown(board, self._console), _armed(switch):
            return await process(api, workflow, stage.documents, board, self._options.concurrency)


def _listen(stage: Stage, board: Board, switch: KillSwitch | None) -> None:
    """The receiver and Slack tell the board what reaches them, and the receiver tells the kill switch."""

    def on_delivery(delivery: Delivery) -> None:
        board.deliveries += 1
        if switch is not None:
            switch.hear(delivery)

    def on_message(_: SlackMessage) -> None:
        board.messages += 1

    stage.receiver.on_delivery, stage.slack.on_message = on_delivery, on_message


@asynccontextmanager
async def _armed(switch: KillSwitch | None) -> AsyncIterator[None]:
    """The switch is watched for as long as the block."""
    task = asyncio.create_task(switch.wait_and_kill()) if switch else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _collect(stage: Stage, api: MobiusApi, runs: tuple[DocumentRun, ...]) -> Evidence:
    """Asks the three sides what they know about these runs."""
    ids = {one.run.id for one in runs}
    audit = await audit_log.entries_of_runs(api, ids, expected=sum(len(one.run.steps) for one in runs))
    of_action = await audit_log.entries_of_action(api, ACTION_NAME)
    return Evidence(
        documents=tuple(stage.documents),
        runs=runs,
        audit=audit,
        audit_of_first_run=await audit_log.entries_of_run(api, runs[0].run.id),
        audit_of_action=tuple(entry for entry in of_action if entry.run_id in ids),
        deliveries=tuple(stage.receiver.log.deliveries),
        messages=tuple(stage.slack.messages),
    )
