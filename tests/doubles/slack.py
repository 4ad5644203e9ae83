"""The local stand-in for Slack, for tests. It lives beside the demo, which may not import from the tests."""

from demo.local_server import LocalServer
from demo.slack_double import DEMO_TOKEN, SlackDouble, SlackFault, SlackMessage

__all__ = ["DEMO_TOKEN", "LocalServer", "SlackDouble", "SlackFault", "SlackMessage"]
