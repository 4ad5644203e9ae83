"""HTTP out of the dispatcher: signed POSTs to registered endpoints, and calls of platform integrations.

An attempt goes `envelope` → `sender` → `classification`: the body is written once, the same bytes are signed and sent,
and what came of it is judged by one table. Every connection passes the `target_guard`, which looks at the address that
is really connected.
"""
