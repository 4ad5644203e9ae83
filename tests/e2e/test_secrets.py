"""What is secret is answered once, and stands nowhere in clear: in no list, log, event, table or command line."""

from base64 import b64decode, b64encode
from collections.abc import Mapping

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from demo.answers import Run
from demo.following import follow_run
from demo.mobius_api import MobiusApi
from libs.contracts.codec import Json
from libs.contracts.topics import SERVICES, TOPICS
from tests.doubles.github import TOKEN as GITHUB_TOKEN
from tests.doubles.slack import DEMO_TOKEN
from tests.e2e.calls import Caller
from tests.e2e.endpoint import Endpoints
from tests.e2e.installation import Installation

NAME = "secretive"
PLANTED = b64encode(b"no event")
"""What tests/e2e/failpoints puts on a topic to see it become a dead letter."""


async def test_the_signing_secret_is_answered_once(caller: Caller, endpoints: Endpoints, api: MobiusApi) -> None:
    made = await endpoints.register(caller, NAME)
    secret = endpoints.secrets[NAME]
    assert secret.startswith("whsec_")
    assert len(b64decode(secret.removeprefix("whsec_"))) == 32
    spec: Json = {"name": NAME, "steps": [{"name": "a", "action": NAME, "action_kind": "server"}]}
    run = await follow_run(api, (await api.post("runs", {"mode": "inline", "spec": spec}, Run)).id, lambda _: None)
    assert run.status == "completed"

    paths = ("actions?limit=200", f"actions/{NAME}", "actions/catalog", f"actions/catalog/{NAME}", f"runs/{run.id}")
    for path in (*paths, f"runs/{run.id}/events", "action-audit-log?limit=200"):
        reply = await caller.get(path)
        assert (reply.status, secret.encode() in reply.raw, b"signing_secret" in reply.raw) == (200, False, False), path
    assert (await caller.get(f"actions/{NAME}")).json == {k: v for k, v in made.items() if k != "signing_secret"}


def secrets_of(installation: Installation, endpoints: Endpoints) -> dict[str, bytes]:
    """Everything secret of this installation by name; signing secrets in both of their forms."""
    stack = installation.stack
    credentials = stack.servers.credentials
    found = {
        "the API key": stack.api_key.encode(),
        "the master key": credentials.master_key().encode(),
        "the Slack token": DEMO_TOKEN.encode(),
        "the GitHub token": GITHUB_TOKEN.encode(),
    }
    for name, secret in endpoints.secrets.items():
        found[f"the secret of {name}"] = secret.removeprefix("whsec_").encode()
        found[f"the secret bytes of {name}"] = b64decode(secret.removeprefix("whsec_"))
    return found


async def test_no_log_has_a_secret(installation: Installation, endpoints: Endpoints) -> None:
    logs = {path.name: path.read_bytes() for path in (installation.stack.var / "log").glob("*.log")}
    assert {f"{name}.log" for name in SERVICES} <= set(logs)
    assert all(logs[f"{name}.log"] for name in SERVICES)
    secrets = secrets_of(installation, endpoints)
    assert [(log, what) for log, text in logs.items() for what, secret in secrets.items() if secret in text] == []


@pytest.fixture(scope="module")
async def spoken(installation: Installation) -> Mapping[str, list[bytes]]:
    """Key and value of every record by topic, as bytes."""
    found: dict[str, list[bytes]] = {topic.name: [] for topic in TOPICS.values()}
    places = [TopicPartition(topic.name, one) for topic in TOPICS.values() for one in range(topic.partitions)]
    bootstrap = installation.stack.kafka_bootstrap
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    ) as consumer:
        ends = await consumer.end_offsets(places)
        consumer.assign([place for place in places if ends[place]])
        while any([await consumer.position(place) < ends[place] for place in consumer.assignment()]):
            for place, batch in (await consumer.getmany(timeout_ms=200)).items():
                found[place.topic] += [(record.key or b"") + b"\n" + (record.value or b"") for record in batch]
    return found


async def test_no_event_has_a_secret(
    installation: Installation, endpoints: Endpoints, spoken: Mapping[str, list[bytes]]
) -> None:
    for topic in ("mobius.catalog-action-state.v1", "mobius.engine-events.v1", "mobius.dispatcher-events.v1"):
        assert any(NAME.encode() in raw for raw in spoken[topic]), f"expected {topic} to have been read"
    secrets = secrets_of(installation, endpoints)
    every = [(topic, raw) for topic, raws in spoken.items() for raw in raws]
    assert [(topic, what) for topic, raw in every for what, secret in secrets.items() if secret in raw] == []


def test_nothing_was_left_to_the_dead_letters(spoken: Mapping[str, list[bytes]]) -> None:
    letters = [topic.name for topic in TOPICS.values() if topic.dead_letters]
    left = {name: [raw for raw in spoken[name] if PLANTED not in raw] for name in letters}
    assert left == {name: [] for name in letters}
    assert len(left) == len(SERVICES)


async def test_no_table_has_a_secret(installation: Installation, endpoints: Endpoints) -> None:
    secrets = [form for secret in secrets_of(installation, endpoints).values() for form in forms(secret)]
    connection = await asyncpg.connect(installation.stack.postgres_url)
    try:
        assert {name.partition(".")[0] for name in await tables_with(connection, forms(NAME.encode()))} == set(SERVICES)
        assert await tables_with(connection, secrets) == []
    finally:
        await connection.close()


async def tables_with(connection: "asyncpg.Connection[asyncpg.Record]", texts: list[str]) -> list[str]:
    """The services' tables that have a row with one of these texts, however it is stored."""
    names = await connection.fetch(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = ANY($1)", list(SERVICES)
    )
    having = (
        "WITH whole AS MATERIALIZED (SELECT row::text AS shown FROM {} row)"
        " SELECT EXISTS (SELECT FROM whole, unnest($1::text[]) text WHERE position(text IN shown) > 0)"
    )
    return [name for (name,) in names if await connection.fetchval(having.format(name), texts)]


def forms(secret: bytes) -> list[str]:
    """As text, where it is text, and as PostgreSQL shows bytes."""
    text = [secret.decode()] if secret.isascii() and secret.decode().isprintable() else []
    return [*text, secret.hex()]


def test_no_command_line_has_a_secret(installation: Installation, endpoints: Endpoints) -> None:
    secrets = secrets_of(installation, endpoints)
    for name, pid in installation.stack.pids().items():
        line = "\n".join(psutil.Process(pid).cmdline()).encode()
        assert [(name, what) for what, secret in secrets.items() if secret in line] == []
