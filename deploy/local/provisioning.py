"""What the services find when they start: a role and a schema each in PostgreSQL, and every topic in Kafka.

All of it may be done again at any time. It works the same on the embedded servers and on ones that were there before.
"""

import asyncio
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from deploy.local.credentials import Credentials
from libs.contracts.topics import SERVICES, Topic

_TOPICS_USABLE_SECONDS = 30.0
_PAUSE_SECONDS = 0.02
_MOST_COPIES = 3  # as many replicas of a topic as the cluster has brokers, up to this


class ProvisioningRefused(Exception):
    """What is there already does not fit what the services need."""


def role_of(service: str) -> str:
    return f"mobius_{service}"


def in_database(url: str, database: str) -> str:
    """The same server and user, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database)}"))


def as_role(url: str, role: str, password: str) -> str:
    """The same server and database, another user."""
    parts = urlsplit(url)
    _, _, address = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password, safe='')}@{address}"))


async def provision_services(
    admin_url: str, credentials: Credentials, services: Iterable[str] = SERVICES
) -> dict[str, str]:
    """Makes the role and the schema of each service in the database of `admin_url`; answers {service: its URL}."""
    connection = await asyncpg.connect(admin_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('mobius.provisioning'))")
            for service in services:
                await _provision(connection, service, credentials.password(role_of(service)))
    finally:
        await connection.close()
    return {name: as_role(admin_url, role_of(name), credentials.password(role_of(name))) for name in services}


async def _provision(connection: asyncpg.Connection, service: str, password: str) -> None:
    role, database = role_of(service), await connection.fetchval("SELECT current_database()")
    if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(f'CREATE ROLE "{role}"')
        await connection.execute(f'GRANT "{role}" TO CURRENT_USER')  # who is no superuser could not give it a schema
    await connection.execute(await _quoted(connection, f'ALTER ROLE "{role}" LOGIN PASSWORD %L', password))
    await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{service}" AUTHORIZATION "{role}"')
    await connection.execute(f'ALTER ROLE "{role}" IN DATABASE "{database}" SET search_path = "{service}"')


async def _quoted(connection: asyncpg.Connection, template: str, value: str) -> str:
    """A statement that takes no parameters, with its one value quoted by the server."""
    statement: str = await connection.fetchval("SELECT format($1, $2::text)", template, value)
    return statement


async def create_topics(bootstrap: str, topics: Iterable[Topic]) -> None:
    """Creates the topics that are missing and returns when all can be used. Raises ProvisioningRefused when one has
    another number of partitions, or the cluster refuses to create it."""
    wanted = {topic.name: topic for topic in topics}
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        missing = await _missing(client, wanted)
        if missing:
            copies = min(_MOST_COPIES, len((await client.describe_cluster())["brokers"]))
            _raise_refusals(await client.create_topics([_new_topic(wanted[name], copies) for name in missing]))
        async with asyncio.timeout(_TOPICS_USABLE_SECONDS):
            while await _missing(client, wanted):  # noqa: ASYNC110  (the cluster has no signal to wait for)
                await asyncio.sleep(_PAUSE_SECONDS)
    finally:
        await client.close()


async def _missing(client: AIOKafkaAdminClient, wanted: Mapping[str, Topic]) -> list[str]:
    """The names of topics that have no leader for each partition yet. A wrong number of partitions is refused."""
    usable = set()
    for found in await client.describe_topics():
        partitions = found["partitions"]
        if found["topic"] in wanted and partitions:
            _check_count(wanted[found["topic"]], len(partitions))
            usable.update([found["topic"]] if all(entry["leader"] >= 0 for entry in partitions) else [])
    return [name for name in wanted if name not in usable]


def _check_count(topic: Topic, found: int) -> None:
    if found != topic.partitions:
        raise ProvisioningRefused(
            f"expected topic {topic.name} to have {topic.partitions} partitions, but it has {found}: "
            "the count is never changed in place, because keys would move"
        )


def _new_topic(topic: Topic, copies: int) -> NewTopic:
    keep = "-1" if topic.retention is None else str(int(topic.retention.total_seconds() * 1000))
    configs = {
        "cleanup.policy": "compact" if topic.compacted else "delete",
        "retention.ms": keep,
        "max.message.bytes": str(topic.max_message_bytes),
    }
    return NewTopic(topic.name, topic.partitions, copies, topic_configs=configs)


def _raise_refusals(answer: object) -> None:
    for name, code, *_ in answer.topic_errors:  # type: ignore[attr-defined]
        if code not in (0, TopicAlreadyExistsError.errno):
            raise ProvisioningRefused(f"expected to create topic {name}, but Kafka answered {for_code(code).__name__}")
