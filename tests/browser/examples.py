"""An example of every page: where it is, and what stands on it, with script or without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.audit.dashboard.address import HOME, SIGN_IN
from tests.browser.showroom import Showroom

_P = "/projects/{project}"
_EMPTY = "/projects/{empty}"


@dataclass(frozen=True)
class Example:
    """A picture's name, the address below `HOME`, and texts that stand on the page. Names in braces are the room's."""

    name: str
    path: str
    texts: Sequence[str]
    signed_in: bool = True

    def address(self, room: Showroom) -> str:
        return HOME + self.path.format(project=room.project, empty=room.empty, **room.runs)


EXAMPLES: Mapping[str, Sequence[Example]] = {
    "": [Example("projects", "", ["Document desk", "Reading room"])],
    _P: [Example("project", _P, ["Actions", "summarize-document"])],
    f"{_P}/actions": [
        Example("actions", f"{_P}/actions", ["summarize-document", "shred-document", "slack.post-message", "file"]),
        Example(
            "actions-filtered", f"{_P}/actions?search=document&status=failed", ["file-document", "contract_violation"]
        ),
        Example("actions-empty", f"{_EMPTY}/actions", ["no action of its own yet", "None yet."]),
    ],
    f"{_P}/actions/new": [Example("action-new", f"{_P}/actions/new", ["Endpoint URL", "Promises", "Input schema"])],
    f"{_P}/actions/{{name}}": [
        Example(
            "action",
            f"{_P}/actions/summarize-document",
            ["Summarize a document", "document-processing", "Signing secrets", "doc_id", "How the endpoint verifies"],
        ),
        Example(
            "action-of-platform", f"{_P}/actions/github.create-issue", ["is not connected", "It was not invoked yet"]
        ),
    ],
    f"{_P}/actions/{{name}}/edit": [
        Example("action-edit", f"{_P}/actions/file-document/edit", ["Edit file-document", "Puts the summary where"])
    ],
    f"{_P}/actions/{{name}}/rotate": [
        Example("action-rotate", f"{_P}/actions/summarize-document/rotate", ["Grace in seconds", "Only after proof"])
    ],
    f"{_P}/actions/{{name}}/delete": [
        Example("action-delete", f"{_P}/actions/shred-document/delete", ["Type its name to confirm"]),
        Example("action-delete-used", f"{_P}/actions/file-document/delete", ["cannot be deleted while"]),
    ],
    f"{_P}/actions/{{name}}/try": [
        Example("action-try", f"{_P}/actions/file-document/try", ["keep_years", "Where it belongs.", "Dry run"])
    ],
    f"{_P}/invocations": [
        Example("invocations", f"{_P}/invocations", ["summarize-document", "shred-document", "status 500"]),
        Example("invocations-of-run", f"{_P}/invocations?run={{completed}}", ["summarize-document", "notify"]),
        Example("invocations-empty", f"{_EMPTY}/invocations", ["No action of this project was invoked yet"]),
    ],
    f"{_P}/workflows": [
        Example("workflows", f"{_P}/workflows", ["Document processing", "Document review", "team: desk"]),
        Example("workflows-empty", f"{_EMPTY}/workflows", ["No workflow is saved here yet"]),
    ],
    f"{_P}/workflows/new": [Example("workflow-new", f"{_P}/workflows/new", ["New workflow", "Definition"])],
    f"{_P}/workflows/{{handle}}/edit": [
        Example(
            "workflow-edit",
            f"{_P}/workflows/document-processing/edit",
            ["Edit Document processing", "state.summary.title"],
        )
    ],
    f"{_P}/workflows/{{handle}}/start": [
        Example("workflow-start", f"{_P}/workflows/document-processing/start", ["Start a run", "Where to file it."])
    ],
    f"{_P}/workflows/{{handle}}": [
        Example("workflow", f"{_P}/workflows/document-processing", ["the latest", "notify", "Recent runs"]),
        Example("workflow-old", f"{_P}/workflows/document-processing?version=1", ["This is version 1"]),
    ],
    f"{_P}/runs": [
        Example("runs", f"{_P}/runs", ["{completed}", "{failed}", "inbox-2100", "Document review"]),
        Example("runs-failed", f"{_P}/runs?status=failed", ["{failed}"]),
        Example("runs-empty", f"{_EMPTY}/runs", ["Nothing has run here yet"]),
    ],
    f"{_P}/runs/{{run}}": [
        Example("run", f"{_P}/runs/{{completed}}", ["run.completed", "Timeline", "lentil", "file-document"]),
        Example("run-failed", f"{_P}/runs/{{failed}}", ["Step summarize failed", "run.failed"]),
        Example("run-active", f"{_P}/runs/{{running}}", ["review-document", "museum-guide-clock-room"]),
    ],
}
"""By the path of each of `PAGES`."""

OTHERS: Sequence[Example] = (
    Example("sign-in", SIGN_IN.removeprefix(HOME), ["API key", "Sign in"], signed_in=False),
    Example("nothing", f"{_P}/runs/run_of_nobody", ["Nothing here"]),
)
"""What is no page of its own."""

ALL: Mapping[str, Example] = {one.name: one for some in (*EXAMPLES.values(), OTHERS) for one in some}
