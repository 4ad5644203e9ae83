"""The actions of the GitHub integration, as the catalog lists them, and which request each one is."""

from dataclasses import dataclass
from typing import Final, Literal

from libs.contracts.codec import Json, JsonObject
from libs.contracts.events.catalog import Annotations
from services.dispatcher.delivery.integrations.port import IntegrationAction

_ISSUE: Final = "/repos/{owner}/{repo}/issues/{number}"


@dataclass(frozen=True)
class Call:
    """How an action is carried out: `path` is a template that takes parameters of its names; the others are the body.
    `picked` is the result: its fields, and those of GitHub's answer that they are."""

    action: IntegrationAction
    method: Literal["POST", "PATCH"]
    path: str
    picked: dict[str, str]


def _text(description: str, most: int = 255, least: int = 1) -> JsonObject:
    return {"type": "string", "minLength": least, "maxLength": most, "description": description}


def _name(description: str) -> JsonObject:
    """A part of a path. Neither . nor .., which would lead elsewhere."""
    return {
        "type": "string",
        "pattern": "^[A-Za-z0-9._-]{1,100}$",
        "not": {"enum": [".", ".."]},
        "description": description,
    }


def _names(description: str) -> JsonObject:
    return {
        "type": "array",
        "maxItems": 100,
        "items": {"type": "string", "minLength": 1, "maxLength": 255},
        "description": description,
    }


def _input(required: list[Json], properties: JsonObject, **more: Json) -> JsonObject:
    """What every action takes, and then its own."""
    where: JsonObject = {"owner": _name("The account that owns the repository."), "repo": _name("The repository.")}
    return {
        "type": "object",
        "required": ["owner", "repo", *required],
        "additionalProperties": False,
        "properties": {**where, **properties},
        **more,
    }


def _output(**fields: str) -> JsonObject:
    properties: JsonObject = {name: {"type": kind} for name, kind in fields.items()}
    return {"type": "object", "required": list(fields), "properties": properties}


_NUMBER: Final[JsonObject] = {"type": "integer", "minimum": 1, "description": "Its number in the repository."}
_BODY: Final = _text("In Markdown.", 65_536)
_OF_ISSUES: Final[JsonObject] = {
    "title": _text("The title."),
    "body": _text("The text, in Markdown.", 65_536, 0),
    "labels": _names("Labels by name."),
    "assignees": _names("Logins of who is to see to it."),
    "milestone": {"type": ["integer", "null"], "minimum": 1, "description": "The milestone's number; null: none."},
}
_AN_ISSUE: Final = _output(id="integer", number="integer", url="string", state="string", title="string")
_A_COMMENT: Final = _output(id="integer", url="string")

CREATE_ISSUE: Final = IntegrationAction(
    name="github.create-issue",
    title="Create a GitHub issue",
    description="Opens an issue in a repository.",
    input_schema=_input(["title"], _OF_ISSUES),
    output_schema=_AN_ISSUE,
    annotations=Annotations(),
)
UPDATE_ISSUE: Final = IntegrationAction(
    name="github.update-issue",
    title="Update a GitHub issue",
    description="Changes what is given of an issue: texts, state, labels (all of them), assignees, milestone.",
    input_schema=_input(
        ["number"],
        {
            "number": _NUMBER,
            **_OF_ISSUES,
            "state": {"enum": ["open", "closed"], "description": "Open it again, or close it."},
            "state_reason": {
                "enum": ["completed", "not_planned", "reopened", None],
                "description": "Why the state changes.",
            },
        },
        minProperties=4,
    ),
    output_schema=_AN_ISSUE,
    annotations=Annotations(idempotent=True),
)
COMMENT_ON_ISSUE: Final = IntegrationAction(
    name="github.comment-on-issue",
    title="Comment on a GitHub issue",
    description="Adds a comment to an issue.",
    input_schema=_input(["number", "body"], {"number": _NUMBER, "body": _BODY}),
    output_schema=_A_COMMENT,
    annotations=Annotations(),
)
ADD_LABELS: Final = IntegrationAction(
    name="github.add-labels",
    title="Label a GitHub issue",
    description="Adds labels to an issue or a pull request. Those that it has already stay.",
    input_schema=_input(["number", "labels"], {"number": _NUMBER, "labels": {**_names("To add."), "minItems": 1}}),
    output_schema={
        "type": "object",
        "required": ["labels"],
        "properties": {"labels": {"type": "array", "items": {"type": "string"}, "description": "All that it has."}},
    },
    annotations=Annotations(idempotent=True),
)
DISPATCH_WORKFLOW: Final = IntegrationAction(
    name="github.dispatch-workflow",
    title="Dispatch a GitHub workflow",
    description="Starts a run of a GitHub Actions workflow that has the trigger workflow_dispatch.",
    input_schema=_input(
        ["workflow", "ref"],
        {
            "workflow": _name("The workflow's file name, for example release.yml, or its id."),
            "ref": _text("The branch or tag to run on."),
            "inputs": {
                "type": "object",
                "maxProperties": 25,
                "additionalProperties": {"type": "string"},
                "description": "What the workflow is started with.",
            },
        },
    ),
    output_schema={"type": "object", "required": ["dispatched"], "properties": {"dispatched": {"const": True}}},
    annotations=Annotations(),
)
COMMENT_ON_PULL_REQUEST: Final = IntegrationAction(
    name="github.comment-on-pull-request",
    title="Comment on a GitHub pull request",
    description="Adds a comment to the conversation of a pull request.",
    input_schema=_input(["number", "body"], {"number": _NUMBER, "body": _BODY}),
    output_schema=_A_COMMENT,
    annotations=Annotations(),
)
CREATE_RELEASE: Final = IntegrationAction(
    name="github.create-release",
    title="Create a GitHub release",
    description="Publishes a release, or drafts one. The tag is made if it is not there.",
    input_schema=_input(
        ["tag_name"],
        {
            "tag_name": _text("The tag."),
            "target_commitish": _text("The branch or commit of a new tag; the default branch if absent."),
            "name": _text("The title."),
            "body": _text("What is new, in Markdown.", 125_000, 0),
            "draft": {"type": "boolean", "description": "Not published yet."},
            "prerelease": {"type": "boolean", "description": "Not ready for everybody."},
            "generate_release_notes": {"type": "boolean", "description": "Let GitHub write name and body."},
        },
    ),
    output_schema=_output(id="integer", url="string", tag_name="string", draft="boolean"),
    annotations=Annotations(),
)

_ISSUE_PICKED: Final = {"id": "id", "number": "number", "url": "html_url", "state": "state", "title": "title"}
_COMMENT_PICKED: Final = {"id": "id", "url": "html_url"}
_RELEASE_PICKED: Final = {"id": "id", "url": "html_url", "tag_name": "tag_name", "draft": "draft"}

CALLS: Final = {
    call.action.name: call
    for call in (
        Call(CREATE_ISSUE, "POST", "/repos/{owner}/{repo}/issues", _ISSUE_PICKED),
        Call(UPDATE_ISSUE, "PATCH", _ISSUE, _ISSUE_PICKED),
        Call(COMMENT_ON_ISSUE, "POST", f"{_ISSUE}/comments", _COMMENT_PICKED),
        Call(ADD_LABELS, "POST", f"{_ISSUE}/labels", {}),
        Call(DISPATCH_WORKFLOW, "POST", "/repos/{owner}/{repo}/actions/workflows/{workflow}/dispatches", {}),
        Call(COMMENT_ON_PULL_REQUEST, "POST", f"{_ISSUE}/comments", _COMMENT_PICKED),
        Call(CREATE_RELEASE, "POST", "/repos/{owner}/{repo}/releases", _RELEASE_PICKED),
    )
}
