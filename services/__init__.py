"""The four services. Each is a process, a Postgres schema and a voice on the bus; none imports another."""
