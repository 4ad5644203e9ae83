"""The actions of the Slack integration, as the catalog lists them, and which method of Slack's each one is."""

from dataclasses import dataclass
from typing import Final

from libs.contracts.codec import Json, JsonObject
from libs.contracts.events.catalog import Annotations
from services.dispatcher.delivery.integrations.port import Connecting, IntegrationAction


@dataclass(frozen=True)
class Call:
    """How an action is carried out. `picked` are the fields of Slack's answer that are the result; `done_before` is the
    error word that says that it is so already."""

    action: IntegrationAction
    method: str
    picked: tuple[str, ...]
    as_form: bool = False
    """Methods that read take no JSON."""

    done_before: str | None = None


CONNECTING: Final = Connecting(
    schema={
        "type": "object",
        "required": ["bot_token"],
        "additionalProperties": False,
        "properties": {
            "bot_token": {
                "type": "string",
                "pattern": "^xox[a-z]-[!-~]+$",
                "minLength": 8,
                "maxLength": 500,
                "writeOnly": True,
                "description": "The token of the bot, xoxb-….",
            }
        },
    },
    help=(
        "Create an app at https://api.slack.com/apps, give its bot the scopes chat:write, reactions:write, users:read"
        " and users:read.email, install it, and take the bot token from OAuth & Permissions."
    ),
)

_CHANNEL_ID: Final[JsonObject] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "description": "The channel's id, as slack.post-message answers it.",
}
_TS: Final[JsonObject] = {"type": "string", "minLength": 1, "maxLength": 64, "description": "The message's ts."}
_OK: Final[JsonObject] = {"const": True}
_BLOCKS: Final[JsonObject] = {
    "type": "array",
    "maxItems": 50,
    "items": {"type": "object", "required": ["type"]},
    "description": "Block Kit blocks.",
}
_POSTED: Final[JsonObject] = {
    "type": "object",
    "required": ["ok", "channel", "ts"],
    "properties": {
        "ok": _OK,
        "channel": {"type": "string", "description": "The channel's id."},
        "ts": {"type": "string", "description": "The message's timestamp, which names it in its channel."},
    },
}


def _object(required: list[Json], properties: JsonObject, **more: Json) -> JsonObject:
    return {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
        **more,
    }


POST_MESSAGE: Final = IntegrationAction(
    name="slack.post-message",
    title="Post a Slack message",
    description="Posts a message to a channel as the bot of this installation.",
    input_schema=_object(
        ["channel", "text"],
        {
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
            "blocks": _BLOCKS,
            "mrkdwn": {"type": "boolean", "description": "Whether the text is formatted; it is by default."},
            "unfurl_links": {"type": "boolean", "description": "Whether links in the text are previewed."},
        },
    ),
    output_schema=_POSTED,
    annotations=Annotations(),
)

UPDATE_MESSAGE: Final = IntegrationAction(
    name="slack.update-message",
    title="Update a Slack message",
    description="Gives a message that the bot has posted another text or other blocks.",
    input_schema=_object(
        ["channel", "ts", "text"],
        {
            "channel": _CHANNEL_ID,
            "ts": _TS,
            "text": {"type": "string", "minLength": 1, "maxLength": 40_000, "description": "The new text."},
            "blocks": _BLOCKS,
        },
    ),
    output_schema=_POSTED,
    annotations=Annotations(idempotent=True),
)
DELETE_MESSAGE: Final = IntegrationAction(
    name="slack.delete-message",
    title="Delete a Slack message",
    description="Deletes a message that the bot has posted.",
    input_schema=_object(["channel", "ts"], {"channel": _CHANNEL_ID, "ts": _TS}),
    output_schema=_POSTED,
    annotations=Annotations(destructive=True),
)
ADD_REACTION: Final = IntegrationAction(
    name="slack.add-reaction",
    title="React to a Slack message",
    description="Adds an emoji to a message as the bot. If it is there already, that is fine.",
    input_schema=_object(
        ["channel", "timestamp", "name"],
        {
            "channel": _CHANNEL_ID,
            "timestamp": _TS,
            "name": {
                "type": "string",
                "pattern": "^[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?$",
                "description": "The emoji's name without colons, for example eyes.",
            },
        },
    ),
    output_schema={"type": "object", "required": ["ok"], "properties": {"ok": _OK}},
    annotations=Annotations(idempotent=True),
)
LOOK_UP_USER: Final = IntegrationAction(
    name="slack.look-up-user",
    title="Look up a Slack user",
    description="Finds a person of the workspace by e-mail address or by id.",
    input_schema=_object(
        [],
        {
            "email": {"type": "string", "minLength": 3, "maxLength": 320, "description": "The person's address."},
            "user": {"type": "string", "minLength": 1, "maxLength": 64, "description": "The person's id, U…."},
        },
        oneOf=[{"required": ["email"]}, {"required": ["user"]}],
    ),
    output_schema={
        "type": "object",
        "required": ["ok", "user"],
        "properties": {
            "ok": _OK,
            "user": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "name": {"type": "string"},
                    "real_name": {"type": "string"},
                    "deleted": {"type": "boolean"},
                },
                "description": "The user, with everything that Slack tells of it.",
            },
        },
    },
    annotations=Annotations(read_only=True),
)

_MESSAGE: Final = ("ok", "channel", "ts")

CALLS: Final = {
    call.action.name: call
    for call in (
        Call(POST_MESSAGE, "chat.postMessage", _MESSAGE),
        Call(UPDATE_MESSAGE, "chat.update", _MESSAGE),
        Call(DELETE_MESSAGE, "chat.delete", _MESSAGE),
        Call(ADD_REACTION, "reactions.add", ("ok",), done_before="already_reacted"),
        Call(LOOK_UP_USER, "users.info", ("ok", "user"), as_form=True),
    )
}
