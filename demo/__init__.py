"""The demo: documents, an endpoint that summarises them, a stand-in for Slack, and the story that runs them."""
