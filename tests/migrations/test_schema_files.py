"""The migrations of each service, from nothing, make the schema that stands in one piece beside them."""

import pytest

from deploy.local.servers import Database
from libs.chassis.db.link import Link
from libs.chassis.db.migrator import migrate
from tests.migrations.schema_dump import PRESENT, schema_after_migrations, schema_file


@pytest.mark.parametrize("service", PRESENT)
async def test_migrations_from_zero_make_the_schema_file(service: str, database: Database) -> None:
    told, applied = await schema_after_migrations(service, database.service_urls[service])

    assert applied
    assert told == schema_file(service).read_text()


@pytest.mark.parametrize("service", PRESENT)
async def test_migrating_again_changes_nothing(service: str, database: Database) -> None:
    await schema_after_migrations(service, database.service_urls[service])
    link = Link(database.service_urls[service], "test-migrating-again")
    try:
        assert await migrate(link, f"services.{service}.migrations") == []
    finally:
        await link.close()
