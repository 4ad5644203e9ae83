"""The workflow of the demo is the published example, word for word."""

from demo.workflow_runs import WORKFLOW_FILE, workflow_spec

PUBLISHED = """\
steps:
  - name: summarize
    action: summarize-document
    parameters:
      doc_id: "${inputs.doc_id}"

  - name: notify
    action: slack.post-message
    action_kind: server
    parameters:
      channel: "#ops"
      text: "Summary complete for ${inputs.doc_id}"
"""


def test_steps_are_the_published_ones() -> None:
    assert WORKFLOW_FILE.read_text("utf-8").endswith("\n" + PUBLISHED)


def test_spec_declares_the_input_that_its_steps_speak_of_and_nothing_else() -> None:
    spec = workflow_spec()
    assert set(spec) == {"name", "description", "inputs", "steps"}
    assert spec["inputs"] == [{"name": "doc_id", "type": "string", "description": "The document to summarize."}]
