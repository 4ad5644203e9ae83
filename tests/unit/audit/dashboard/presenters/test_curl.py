"""Commands to copy: whoever runs them sends what the API reads."""

import shlex

import pytest

from libs.contracts.codec import parse_json
from services.audit.dashboard.presenters.curl import (
    call_action,
    connect_integration,
    create_project,
    create_workflow,
    register_action,
    start_run,
)

BASE = "https://mobius.example"
COMMANDS = {
    "/v1/projects": create_project(BASE),
    "/v1/projects/p/actions": register_action(BASE, "p"),
    "/v1/projects/p/runs": call_action(BASE, "p", "a"),
    "/v1/projects/p/workflows": create_workflow(BASE, "p"),
}


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_sends_json_with_the_key_to_its_address(path: str) -> None:
    words = shlex.split(COMMANDS[path])

    assert words[:4] == ["curl", "-X", "POST", f"{BASE}{path}"]
    assert "Authorization: Bearer $MOBIUS_API_KEY" in words
    assert "Content-Type: application/json" in words
    assert isinstance(parse_json(words[words.index("-d") + 1].encode()), dict)


def test_an_action_of_the_platform_is_called_as_one() -> None:
    assert '"action_kind": "server"' in call_action(BASE, "p", "slack.post-message", platform=True)
    assert "action_kind" not in call_action(BASE, "p", "a")


def test_what_only_the_reader_knows_is_left_open() -> None:
    assert "<id of a workflow>" in start_run(BASE, "p")
    assert connect_integration(BASE, "p", "slack").startswith(f'curl -X PUT "{BASE}/v1/projects/p/integrations/slack"')
