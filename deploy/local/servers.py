"""Only the servers: PostgreSQL and Kafka, embedded or already there. What integration tests and the stack stand on."""

import asyncio
import secrets
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import asyncpg

from deploy.local.credentials import Credentials
from deploy.local.fallback_broker import FallbackBroker, real_broker_missing
from deploy.local.kafka import KafkaBroker
from deploy.local.postgres import SUPERUSER, PostgresServer
from deploy.local.provisioning import ProvisioningRefused, create_topics, in_database, provision_services
from deploy.local.supervisor import Part
from libs.contracts.topics import SERVICES, TOPICS, Topic


class Broker(Part, Protocol):
    """What the real broker and the fallback have in common."""

    @property
    def bootstrap(self) -> str: ...


@dataclass(frozen=True)
class ServerOptions:
    """`postgres_url` and `kafka_bootstrap` name servers that are already there; None means: start an embedded one.
    `kafka_advertised_port` is where the broker sends its clients, when something stands in between."""

    postgres_url: str | None = None
    kafka_bootstrap: str | None = None
    fallback_broker: bool = False
    kafka_port: int | None = None
    kafka_advertised_port: int | None = None


class LocalServers:
    """`async with LocalServers(root) as servers:` starts both and stops them at the end. Data lies in `root/var`."""

    def __init__(self, root: Path, options: ServerOptions = ServerOptions()) -> None:
        self.var = root.absolute() / "var"
        self._options = options
        self.lost_sentence = None if options.kafka_bootstrap else real_broker_missing(options.fallback_broker)
        if self.lost_sentence:  # the fallback starts empty, so stored positions must not outlive it
            shutil.rmtree(self.var / "postgres", ignore_errors=True)
        self.credentials = Credentials(self.var)
        self._broker = None if options.kafka_bootstrap else self._make_broker()
        self._postgres = None if options.postgres_url else self._make_postgres()

    def _make_broker(self) -> Broker:
        if self.lost_sentence:
            return FallbackBroker(self.var)
        return KafkaBroker(self.var, self._options.kafka_port, self._options.kafka_advertised_port)

    def _make_postgres(self) -> PostgresServer:
        return PostgresServer(self.var, self.credentials.password(SUPERUSER))

    @property
    def kafka_bootstrap(self) -> str:
        """`host:port` of the broker."""
        return self._options.kafka_bootstrap or (self._broker.bootstrap if self._broker else "")

    @property
    def postgres_url(self) -> str:
        """The administrator's connection string."""
        return self._options.postgres_url or (self._postgres.url() if self._postgres else "")

    @property
    def parts(self) -> list[Part]:
        """What is embedded, to be started and watched."""
        return [part for part in (self._postgres, self._broker) if part is not None]

    async def start(self) -> None:
        """Starts both at once; when one fails the other is stopped again, and the failure raised."""
        outcomes = await asyncio.gather(*(part.start() for part in self.parts), return_exceptions=True)
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if failures:
            await self.stop()
            raise failures[0]

    async def stop(self) -> None:
        """Stops what was started, PostgreSQL and Kafka at the same time."""
        await asyncio.gather(*(part.stop() for part in self.parts))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def provision_services(self, database_url: str | None = None) -> dict[str, str]:
        """Role and schema for each service in the database; answers {service: its connection string}."""
        return await provision_services(database_url or self.postgres_url, self.credentials, SERVICES)

    async def create_topics(self, topics: Collection[Topic] = tuple(TOPICS.values())) -> None:
        """Creates what is missing of the topics, by default all that the contracts name."""
        if self.lost_sentence and not {topic.name for topic in topics} <= set(TOPICS):
            raise ProvisioningRefused("expected a broker that creates topics, but the fallback has the contracts' only")
        await create_topics(self.kafka_bootstrap, topics)

    async def create_database(self) -> "Database":
        """A fresh, empty database with a name of its own on the same server, the services' schemas in it."""
        name = f"test_{secrets.token_hex(6)}"
        await self._administer(f'CREATE DATABASE "{name}"')
        url = in_database(self.postgres_url, name)
        return Database(name, url, await self.provision_services(url))

    async def drop_database(self, database: "Database") -> None:
        await self._administer(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)')

    async def _administer(self, statement: str) -> None:
        connection = await asyncpg.connect(self.postgres_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@dataclass(frozen=True)
class Database:
    """A database for one test: the administrator's URL and one URL per service (its role, its schema)."""

    name: str
    url: str
    service_urls: dict[str, str]
