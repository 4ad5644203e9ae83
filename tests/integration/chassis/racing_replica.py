"""One replica of the race, as a process: it relays, and offers its relay what its writers commit, until it is killed.

python -m tests.integration.chassis.racing_replica POSTGRES KAFKA SEED WRITERS STREAM…
"""

import asyncio
import sys

from libs.chassis.bus.producer import Producer
from libs.chassis.db.link import Link
from libs.chassis.outbox.relay import Relay
from tests.integration.chassis.racing import Writer

UP = "relays"


async def main(postgres_url: str, bootstrap: str, seed: str, writers: int, streams: list[str]) -> None:
    producer = Producer(bootstrap, "racing-replica")
    await producer.start()
    relay = Relay("dispatcher", postgres_url, producer)
    await relay.start()
    links = [Link(postgres_url, "racing") for _ in range(writers)]
    racing = [Writer(link, streams, f"{seed}/{number}", relay.offer) for number, link in enumerate(links)]
    tasks = [asyncio.create_task(writer.run()) for writer in racing]
    while relay.ready() is not None:
        await asyncio.sleep(0.01)
    print(UP, flush=True)
    await asyncio.gather(*tasks, asyncio.Event().wait())


if __name__ == "__main__":
    postgres, kafka, seed_text, count, *names = sys.argv[1:]
    asyncio.run(main(postgres, kafka, seed_text, int(count), names))
