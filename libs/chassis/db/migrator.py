"""Brings a schema up to date: `NNNN_{pre,post}_verb_object.sql`, in order, each once, under an advisory lock.

`pre` migrations run before a new version starts; `post` ones remove what only older versions need and may be held back
until the roll-out is over.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Literal

from libs.chassis.db.link import Link
from libs.chassis.failpoints import reached
from libs.chassis.telemetry.logging import get_logger

PATIENCE = timedelta(minutes=10)
"""A migration may wait for its turn and rewrite a table."""

CHASSIS = "libs.chassis.db.migrations"
_NAME = re.compile(r"^(\d{4})_(pre|post)_([a-z0-9_]+)\.sql$")
_LOCK = 5_012_947_361

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Migration:
    name: str
    phase: Literal["pre", "post"]
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations_of(package: str) -> Sequence[Migration]:
    """The migrations of a package, in order. Raises `ValueError` for a file that is not named like one."""
    prefix = "chassis" if package == CHASSIS else "service"
    found: list[Migration] = []
    for file in sorted(files(package).iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".sql") or file.name == "schema.sql":
            continue
        match = _NAME.match(file.name)
        if match is None:
            raise ValueError(f"expected NNNN_pre_verb_object.sql or NNNN_post_…, but got {file.name}")
        phase: Literal["pre", "post"] = "pre" if match[2] == "pre" else "post"
        found.append(Migration(f"{prefix}/{file.name}", phase, file.read_text()))
    return found


async def migrate(link: Link, package: str, *, hold_post: bool = False) -> Sequence[str]:
    """Applies what is missing and answers the names. Raises `RuntimeError` if an applied file was edited since."""
    applied_now: list[str] = []
    async with link.transaction() as work:
        await work.rows("SELECT pg_advisory_xact_lock($1, hashtext(current_schema()))", _LOCK % 2**31)
        await work.script(
            "CREATE TABLE IF NOT EXISTS migrations ("
            " name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        known = {row["name"]: row["sha256"] for row in await work.rows("SELECT name, sha256 FROM migrations")}
        for migration in [*migrations_of(CHASSIS), *migrations_of(package)]:
            if migration.name in known:
                _assert_unedited(migration, known[migration.name])
            elif migration.phase == "pre" or not hold_post:
                await work.script(migration.sql)
                await work.rows(
                    "INSERT INTO migrations (name, sha256) VALUES ($1, $2)", migration.name, migration.sha256
                )
                assert reached("migration_applied")
                applied_now.append(migration.name)
    assert reached("schema_migrated")
    return applied_now


def _assert_unedited(migration: Migration, sha256: str) -> None:
    if migration.sha256 != sha256:
        raise RuntimeError(f"expected {migration.name} as it was applied, but the file was edited since: add a new one")


class Migrator:
    """Component. Brings a schema up to date at the start, before anything else reads it."""

    def __init__(self, url: str, name: str, package: str, *, hold_post: bool = False) -> None:
        self._link = Link(url, f"{name}-migrator", statement_timeout=PATIENCE)
        self._package = package
        self._hold_post = hold_post
        self._done = False

    async def start(self) -> None:
        try:
            applied = await migrate(self._link, self._package, hold_post=self._hold_post)
        finally:
            await self._link.close()
        log.info("schema_is_up_to_date", package=self._package, applied=list(applied))
        self._done = True

    async def stop(self) -> None:
        pass

    def ready(self) -> str | None:
        return None if self._done else "the database schema is not up to date"
