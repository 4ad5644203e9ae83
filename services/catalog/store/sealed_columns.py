"""Everything that the catalog keeps under the master key: a row of this table for each column of the schema.

A new sealed column gets its row here, and is thus sealed again when the master key is rotated. Its text is bound to
its place by associated data (`aad`). Where a state carries the same text, `stream` names its stream: it is announced
again with the fresh text in the place of the old.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from libs.chassis.db.link import Row
from libs.chassis.db.queries import load_queries
from libs.contracts.action_secrets import secret_aad
from libs.contracts.integration_credentials import credentials_aad
from services.catalog.domain import integrations
from services.catalog.domain.actions import state_stream
from services.catalog.store.kept_answers import Request

QUERIES = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """`find` answers rows with their `text`, by text, that another key than the active one has sealed; `reseal` puts
    fresh texts into rows, told by the columns of `key`, that still have the old ones; `count` is for the progress."""

    what: str
    table: str
    column: str
    key: tuple[str, ...]
    aad: Callable[[Row], bytes]
    stream: Callable[[Row], str] | None
    find: str
    reseal: str
    count: str


SEALED_COLUMNS: Final = (
    SealedColumn(
        what="signing secrets",
        table="action_secrets",
        column="sealed",
        key=("action_id", "version"),
        aad=lambda row: secret_aad(row["project"], row["name"], row["version"]),
        stream=lambda row: state_stream(row["project"], row["name"]),
        find=QUERIES["find_secrets_to_reseal"],
        reseal=QUERIES["reseal_secrets"],
        count=QUERIES["count_secrets_to_reseal"],
    ),
    SealedColumn(
        what="answers that are kept",
        table="idempotency_keys",
        column="answer",
        key=("project", "caller", "key"),
        aad=lambda row: Request(row["project"], row["caller"], row["key"], row["request"]).aad(),
        stream=None,
        find=QUERIES["find_answers_to_reseal"],
        reseal=QUERIES["reseal_answers"],
        count=QUERIES["count_answers_to_reseal"],
    ),
    SealedColumn(
        what="credentials of connections",
        table="integration_connections",
        column="sealed",
        key=("project", "integration"),
        aad=lambda row: credentials_aad(row["project"], row["integration"]),
        stream=lambda row: integrations.state_stream(row["project"], row["integration"]),
        find=QUERIES["find_credentials_to_reseal"],
        reseal=QUERIES["reseal_credentials"],
        count=QUERIES["count_credentials_to_reseal"],
    ),
)
