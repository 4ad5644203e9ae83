"""PostgreSQL as the chassis uses it.

A `Link` is one dedicated connection for one hot loop: no pool, no reset round trip, prepared statements that stay warm.
A `Reads` pool serves queries of the API. `statement` composes one statement out of named parts, so that
journal, outbox, read models and the consumer's position commit together in one round trip. `migrator` brings a schema
up to date.
"""
