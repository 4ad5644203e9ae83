"""Kafka as the chassis uses it; the only room that knows the client library.

`Producer` sends explicit batches, one per partition, so that a batch is on the topic as a whole or not at all.
`Consumer` reads batches, keeps its place in the database, and lets no record get lost or block a partition.
`Replica` keeps the latest of a compacted topic in memory.
"""
