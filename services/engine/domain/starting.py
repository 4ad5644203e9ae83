"""Whether a run can begin, and with what."""

import re

from libs.chassis.decider import Rejected
from libs.contracts.events.engine import RunStarted
from services.engine.domain.actions import Catalog
from services.engine.domain.catalog_checks import catalog_problems
from services.engine.domain.commands import StartRun
from services.engine.domain.definition import Definition, compile_spec
from services.engine.domain.inputs import accepted_inputs
from services.engine.domain.limits import NAME_CHARACTERS
from services.engine.domain.problems import refusal
from services.engine.domain.tags import check_metadata, check_tags

QUEUE_NAME = re.compile(r"[A-Za-z0-9_.-]+")


def run_started(command: StartRun, catalog: Catalog) -> RunStarted | Rejected:
    """The run's first event, or why it cannot begin."""
    definition = startable(command, catalog)
    if isinstance(definition, Rejected):
        return definition
    inputs = accepted_inputs(definition.inputs, command.inputs)
    if isinstance(inputs, Rejected):
        return inputs
    if refused := _unfit(command):
        return refused
    return RunStarted(
        workflow_name=command.workflow_name or definition.name,
        definition_id=command.definition_id,
        definition_version=command.definition_version,
        spec=command.spec,
        queue=command.queue,
        inputs=inputs,
        metadata=dict(command.metadata),
        tags=dict(command.tags),
        external_id=command.external_id,
        source_type=command.source_type,
        source_id=command.source_id,
        dry_run=command.dry_run or None,
    )


def startable(command: StartRun, catalog: Catalog) -> Definition | Rejected:
    """The definition. A saved one was held against the catalog when it was saved; its steps will be when they come."""
    definition = compile_spec(command.spec)
    if not isinstance(definition, Definition):
        return refusal(definition)
    problems = [] if command.definition_id else catalog_problems(definition, catalog)
    return refusal(problems) if problems else definition


def _unfit(command: StartRun) -> Rejected | None:
    if len(command.queue) > NAME_CHARACTERS or not QUEUE_NAME.fullmatch(command.queue):
        return Rejected(
            "invalid_argument",
            f"expected 1 to {NAME_CHARACTERS} letters, digits and _ . -, but the queue is {command.queue[:64]!r}",
            field="queue",
        )
    if command.external_id is not None and not 1 <= len(command.external_id) <= 2 * NAME_CHARACTERS:
        sentence = f"expected 1 to {2 * NAME_CHARACTERS} characters, but the external_id has {len(command.external_id)}"
        return Rejected("invalid_argument", sentence, field="external_id")
    return check_tags(command.tags) or check_metadata(command.metadata)
