"""The action of the HTTP integration, as the catalog lists it, and what a connection of it holds."""

from typing import Final

from libs.contracts.codec import JsonObject
from libs.contracts.events.catalog import Annotations
from services.dispatcher.delivery.integrations.port import Connecting, IntegrationAction

CONNECTING: Final = Connecting(
    schema={
        "type": "object",
        "required": ["origin"],
        "additionalProperties": False,
        "properties": {
            "origin": {
                "type": "string",
                "pattern": "^https?://[a-z0-9._-]{1,253}(:[0-9]{1,5})?$",
                "description": "Where the credentials belong: scheme, host and port if it is not the usual one.",
            },
            "bearer_token": {
                "type": "string",
                "pattern": "^[!-~]+$",
                "minLength": 8,
                "maxLength": 4_000,
                "writeOnly": True,
                "description": "Sent as Authorization: Bearer ….",
            },
            "username": {
                "type": "string",
                "pattern": "^[^:]+$",
                "maxLength": 255,
                "description": "Sent with the password as Authorization: Basic ….",
            },
            "password": {
                "type": "string",
                "minLength": 8,
                "maxLength": 4_000,
                "writeOnly": True,
                "description": "The password of the user.",
            },
        },
        "if": {"required": ["bearer_token"]},
        "then": {"maxProperties": 2},
        "else": {"required": ["username", "password"]},
    },
    help=(
        "Not needed. With it requests to one origin carry a bearer token, or a user name and a password; requests to"
        " anywhere else go without."
    ),
    required=False,
)

_HEADERS: Final[JsonObject] = {
    "type": "object",
    "maxProperties": 64,
    "additionalProperties": {"type": "string", "maxLength": 8_192},
}

REQUEST: Final = IntegrationAction(
    name="http.request",
    title="Make an HTTP request",
    description=(
        "Sends one request and answers with status, headers and body. An answer that is not 2xx fails the step, unless"
        " its status is expected. GET, HEAD and PUT are made again after a failure, others only if they were surely not"
        " taken. Redirects are not followed. What is in the parameters is in the run's history: secrets belong into a"
        " connection."
    ),
    input_schema={
        "type": "object",
        "required": ["url"],
        "additionalProperties": False,
        "properties": {
            "method": {
                "enum": ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"],
                "default": "GET",
                "description": "GET if absent.",
            },
            "url": {"type": "string", "minLength": 1, "maxLength": 2_048, "description": "With its query."},
            "headers": {**_HEADERS, "description": "Beside those that the transport needs."},
            "body": {"description": "Text goes as it is; anything else goes as JSON, with its Content-Type."},
            "expected_statuses": {
                "type": "array",
                "maxItems": 50,
                "items": {"type": "integer", "minimum": 200, "maximum": 599},
                "description": "Statuses beyond 2xx that are a result and no failure, for example 404.",
            },
        },
    },
    output_schema={
        "type": "object",
        "required": ["status", "headers"],
        "properties": {
            "status": {"type": "integer"},
            "headers": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "By names in lower case; of several with one name the last.",
            },
            "body": {"description": "JSON if it came as JSON, else text; absent if there is none, or no text."},
            "body_base64": {"type": "string", "description": "A body that is no text."},
        },
    },
    annotations=Annotations(),
)
