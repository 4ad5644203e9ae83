"""The dispatcher: jobs and their leases, signed delivery, server-side invocations and platform integrations.

Owns: jobs, worker sessions, deliveries, platform actions, integrations and how their connections fared
Hears: mobius.engine-events.v1, mobius.catalog-project-state.v1, mobius.catalog-api-key-state.v1,
    mobius.catalog-action-state.v1, mobius.catalog-integration-state.v1, mobius.dispatcher-secret-use-state.v1
Says: mobius.dispatcher-events.v1, mobius.dispatcher-action-state.v1, mobius.dispatcher-integration-state.v1,
    mobius.dispatcher-connection-test-state.v1, mobius.dispatcher-secret-use-state.v1,
    mobius.dispatcher-key-use-state.v1, mobius.dispatcher-dead-letters.v1
"""
