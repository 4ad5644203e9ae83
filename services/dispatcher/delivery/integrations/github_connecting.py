"""What connects a project with GitHub: a token, or a GitHub App with one of its installations."""

from typing import Final

from services.dispatcher.delivery.integrations.port import Connecting

CONNECTING: Final = Connecting(
    schema={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "token": {
                "type": "string",
                "pattern": "^[!-~]+$",
                "minLength": 8,
                "maxLength": 500,
                "writeOnly": True,
                "description": "A personal access token, fine-grained or classic.",
            },
            "app_id": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,100}$", "description": "The App's id."},
            "installation_id": {
                "type": "string",
                "pattern": "^[0-9]{1,20}$",
                "description": "The installation that it works as.",
            },
            "private_key": {
                "type": "string",
                "pattern": "^-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----",
                "minLength": 8,
                "maxLength": 20_000,
                "writeOnly": True,
                "description": "The App's private key, as PEM.",
            },
        },
        "if": {"required": ["token"]},
        "then": {"maxProperties": 1},
        "else": {"required": ["app_id", "installation_id", "private_key"]},
    },
    help=(
        "Either a personal access token (Settings, Developer settings) that may write issues, contents and actions of"
        " the repositories; or a GitHub App with these permissions: its id and a private key from the App's page, and"
        " the number at the end of the address of its installation."
    ),
)
