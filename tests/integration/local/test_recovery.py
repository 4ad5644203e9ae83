"""Servers that were killed, lie deep, were there before, or are not the real ones."""

import shutil
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.local.credentials import Credentials
from deploy.local.fallback_broker import real_broker_missing
from deploy.local.kafka_jars import JarsUnusable, check_jars, jar_folder
from deploy.local.postgres import PostgresServer
from deploy.local.provisioning import provision_services
from deploy.local.servers import LocalServers, ServerOptions


async def test_what_was_committed_outlives_a_kill_of_postgres(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path / "var", "secret")
    await server.start()
    connection = await asyncpg.connect(server.url())
    await connection.execute("CREATE TABLE kept (what text)")
    await connection.execute("INSERT INTO kept VALUES ('this')")
    assert server.child is not None
    server.child.kill()
    await server.child.wait()
    await server.start()
    try:
        again = await asyncpg.connect(server.url())
        assert await again.fetchval("SELECT what FROM kept") == "this"
        await again.close()
    finally:
        connection.terminate()
        await server.stop()


async def test_postgres_in_a_folder_too_deep_for_a_socket_starts_again_at_the_same_address(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path / ("deep" * 20) / ("deeper" * 10) / "var", "a/b@c?d")
    urls = []
    for _ in range(2):
        await server.start()
        try:
            connection = await asyncpg.connect(server.url())
            assert await connection.fetchval("SHOW fsync") == "on"
            await connection.close()
            urls.append(server.url())
        finally:
            await server.stop()
    assert urls[0] == urls[1]


async def test_an_administrator_who_is_no_superuser_can_provision(tmp_path: Path) -> None:
    server, credentials = PostgresServer(tmp_path / "var", "secret"), Credentials(tmp_path)
    await server.start()
    try:
        superuser = await asyncpg.connect(server.url())
        await superuser.execute("CREATE ROLE landlord LOGIN CREATEROLE PASSWORD 'p@ss/word'")
        await superuser.execute("CREATE DATABASE house OWNER landlord")
        await superuser.close()
        landlord = server.url("house", "landlord", "p@ss/word")
        for _ in range(2):
            urls = await provision_services(landlord, credentials)
        connection = await asyncpg.connect(urls["audit"])
        await connection.execute("CREATE TABLE mine ()")
        assert await connection.fetchval("SELECT 'audit.mine'::regclass::text") == "mine"
        await connection.close()
    finally:
        await server.stop()


async def test_servers_that_are_already_there_are_used(servers: LocalServers, tmp_path: Path) -> None:
    there = ServerOptions(postgres_url=servers.postgres_url, kafka_bootstrap=servers.kafka_bootstrap)
    async with LocalServers(tmp_path, there) as guests:
        assert guests.parts == []
        await guests.create_topics()
        guests.credentials = servers.credentials  # roles belong to the whole server
        database = await guests.create_database()
        connection = await asyncpg.connect(database.service_urls["catalog"])
        assert await connection.fetchval("SELECT current_schema()") == "catalog"
        await connection.close()
        await guests.drop_database(database)
    connection = await asyncpg.connect(servers.postgres_url)
    await connection.close()


async def test_the_fallback_broker_carries_records_to_a_group_and_says_what_is_lost(tmp_path: Path) -> None:
    async with LocalServers(tmp_path, ServerOptions(fallback_broker=True)) as servers:
        assert "Nothing is kept over a restart" in str(servers.lost_sentence)
        await servers.create_topics()
        at, topic = servers.kafka_bootstrap, "mobius.engine-events.v1"
        async with AIOKafkaProducer(bootstrap_servers=at, acks="all", enable_idempotence=True) as producer:
            await producer.send_and_wait(topic, b"\xff", key=b"k", partition=3)
        async with AIOKafkaConsumer(topic, bootstrap_servers=at, group_id="g", auto_offset_reset="earliest") as heard:
            record = await heard.getone()
            assert sorted(place.partition for place in heard.assignment()) == [0, 1, 2, 3]
        assert (record.partition, record.key, record.value) == (3, b"k", b"\xff")


def test_without_java_the_sentence_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda program: None if program == "java" else f"/bin/{program}")
    assert str(real_broker_missing()).startswith("FALLBACK BROKER (because java cannot be found)")


def test_a_jar_that_is_not_the_committed_one_is_refused(tmp_path: Path, servers: LocalServers) -> None:
    if servers.lost_sentence:
        pytest.skip("there are no jars on the fallback broker")
    lib = tmp_path / "lib"
    shutil.copytree(jar_folder(), lib)
    jar = next(iter(sorted(lib.iterdir())))
    jar.write_bytes(jar.read_bytes() + b"\x00")
    with pytest.raises(JarsUnusable, match=rf"expected {jar.name} to have SHA-256"):
        check_jars(lib)
    jar.unlink()
    with pytest.raises(JarsUnusable, match=rf"differs in: {jar.name}"):
        check_jars(lib)
