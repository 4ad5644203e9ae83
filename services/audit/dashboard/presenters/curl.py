"""Commands to copy: how the API is asked for what a page cannot do, or has nothing of yet."""

from typing import Final

_AUTHORIZED: Final = '-H "Authorization: Bearer $MOBIUS_API_KEY" -H "Content-Type: application/json"'


def create_project(base: str) -> str:
    """A project."""
    return _curl("POST", f"{base}/v1/projects", '{"name": "My project", "handle": "my-project"}')


def register_action(base: str, project: str) -> str:
    """An action of the project's own."""
    body = '{"name": "hello", "endpoint_url": "https://example.com/hello"}'
    return _curl("POST", f"{base}/v1/projects/{project}/actions", body)


def call_action(base: str, project: str, action: str, *, platform: bool = False) -> str:
    """A run that invokes anything that can be named."""
    kind = ', "action_kind": "server"' if platform else ""
    step = f'{{"name": "call", "action": "{action}"{kind}, "parameters": {{}}}}'
    body = f'{{"mode": "inline", "spec": {{"name": "first",\n       "steps": [{step}]}}}}'
    return _curl("POST", f"{base}/v1/projects/{project}/runs", body)


def connect_integration(base: str, project: str, integration: str) -> str:
    """How an administrator connects it."""
    return _curl("PUT", f"{base}/v1/projects/{project}/integrations/{integration}", '{"credentials": {…}}')


def create_workflow(base: str, project: str) -> str:
    """A workflow of one step."""
    step = '{"name": "first", "action": "<an action of this project>"}'
    body = f'{{"name": "hello", "spec": {{"name": "hello",\n       "steps": [{step}]}}}}'
    return _curl("POST", f"{base}/v1/projects/{project}/workflows", body)


def start_run(base: str, project: str) -> str:
    """A run of a workflow that is saved."""
    body = '{"mode": "saved", "definition_id": "<id of a workflow>", "inputs": {}}'
    return _curl("POST", f"{base}/v1/projects/{project}/runs", body)


def _curl(method: str, url: str, body: str) -> str:
    return f"curl -X {method} \"{url}\" \\\n  {_AUTHORIZED} \\\n  -d '{body}'"
