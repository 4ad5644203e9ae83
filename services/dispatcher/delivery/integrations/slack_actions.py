"""The actions of the Slack integration, as the catalog lists them."""

from typing import Final

from libs.contracts.events.catalog import Annotations
from services.dispatcher.delivery.integrations.port import IntegrationAction

POST_MESSAGE: Final = IntegrationAction(
    name="slack.post-message",
    title="Post a Slack message",
    description="Posts a message to a channel as the bot of this installation.",
    input_schema={
        "type": "object",
        "required": ["channel", "text"],
        "additionalProperties": False,
        "properties": {
            "channel": {
                "type": "string",
                "minLength": 1,
                "maxLength": 255,
                "description": "The channel's id, or its name with the #.",
            },
            "text": {
                "type": "string",
                "minLength": 1,
                "maxLength": 40_000,
                "description": "The message, or what notifications show when blocks are given.",
            },
            "thread_ts": {"type": "string", "minLength": 1, "description": "The ts of the message to answer to."},
            "reply_broadcast": {"type": "boolean", "description": "Show the answer in the channel too."},
            "blocks": {
                "type": "array",
                "maxItems": 50,
                "items": {"type": "object", "required": ["type"]},
                "description": "Block Kit blocks.",
            },
            "mrkdwn": {"type": "boolean", "description": "Whether the text is formatted; it is by default."},
            "unfurl_links": {"type": "boolean", "description": "Whether links in the text are previewed."},
        },
    },
    output_schema={
        "type": "object",
        "required": ["ok", "channel", "ts"],
        "properties": {
            "ok": {"const": True},
            "channel": {"type": "string", "description": "The channel's id."},
            "ts": {"type": "string", "description": "The message's timestamp, which names it in its channel."},
        },
    },
    annotations=Annotations(),
)
