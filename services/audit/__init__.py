"""The audit: what every action was called with and what came of it, projected from the event stream.

Owns: the action audit log
Hears: mobius.dispatcher-events.v1, mobius.catalog-project-state.v1, mobius.catalog-api-key-state.v1
Says: mobius.audit-key-use-state.v1, mobius.audit-dead-letters.v1
"""
