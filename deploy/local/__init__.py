"""The local stack: real PostgreSQL and real Apache Kafka beside the four services, all on 127.0.0.1.

`LocalServers` starts the two servers alone (integration tests); `LocalStack` starts everything (`make up`, the demo,
end-to-end tests). One file per thing: `postgres`, `kafka`, `fallback_broker`, `provisioning`, `gateway`, `supervisor`.
Everything that is kept lies in `var/` under the stack's root; the Kafka jars are cached in `~/.cache/mobius`.
"""
