"""The audit: what every action was called with and what came of it, and the history of every run, projected from the
event stream.

Owns: the action audit log and what the pages show: runs, their events and attempts, workflow versions, how actions fare
Hears: mobius.engine-events.v1, mobius.dispatcher-events.v1, mobius.catalog-project-state.v1,
    mobius.catalog-api-key-state.v1, mobius.catalog-action-state.v1, mobius.catalog-integration-state.v1,
    mobius.dispatcher-action-state.v1, mobius.dispatcher-integration-state.v1, mobius.dispatcher-secret-use-state.v1
Says: mobius.audit-key-use-state.v1, mobius.audit-dead-letters.v1
"""
