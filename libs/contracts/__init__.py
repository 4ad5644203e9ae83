"""What is said between services, as data: topics, events, their JSON Schemas, examples and upcasts.

An event is a CloudEvent whose `data` is one of the payload classes in `events/`. A payload class names its type and
version; the registry finds it again when bytes come in. Everything here is pure: no I/O but reading this package's own
data files, no clock, no randomness.
"""
