"""From the journal to the topics, in order per stream and at least once.

Events are handed over in memory right after the commit that made them durable. The outbox table only names what is not
acknowledged yet; it is read back when this process has just taken over a shard, when another replica committed events
of a shard that this one owns, and when a batch failed.
"""
