"""What a running process tells: `logging` (one JSON object a line), `tracing` (one trace per run, across HTTP and
Kafka) and `metrics` (for Prometheus). All of it is nearly free where nobody listens."""
