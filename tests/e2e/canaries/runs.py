"""Runs of one step, followed to their end."""

from demo.answers import Run
from demo.following import follow_run
from demo.mobius_api import MobiusApi
from libs.contracts.codec import Json, JsonObject


async def run_to_its_end(
    api: MobiusApi, action: str, parameters: JsonObject | None = None, ends: str = "completed"
) -> None:
    """Fails when it ends otherwise."""
    step: Json = {"name": "a", "action": action, "action_kind": "server", "parameters": parameters or {}}
    spec: Json = {"name": action, "steps": [step]}
    run = await follow_run(api, (await api.post("runs", {"mode": "inline", "spec": spec}, Run)).id, lambda _: None)
    assert run.status == ends
