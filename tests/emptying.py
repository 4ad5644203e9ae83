"""Takes everything off topics: what one test has said is nothing to the next."""

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete


async def clear(bootstrap: str, *topics: str) -> None:
    """Of these topics those that there are. The broker refuses to empty a compacted one."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        found = [one for one in await admin.describe_topics() if one["topic"] in topics]
        places = [TopicPartition(one["topic"], part["partition"]) for one in found for part in one["partitions"]]
        if places:
            await admin.delete_records({place: RecordsToDelete(before_offset=-1) for place in places})
    finally:
        await admin.close()
