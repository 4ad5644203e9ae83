"""The catalog: what can be run, by whom, and where it belongs. Administrative, so correct before it is fast.

Owns: projects and their members, API keys, actions and their signing secrets, connections with integrations and their
    credentials
Hears: mobius.catalog-api-key-state.v1, mobius.catalog-project-state.v1, mobius.dispatcher-action-state.v1,
    mobius.dispatcher-integration-state.v1, mobius.dispatcher-connection-test-state.v1,
    mobius.dispatcher-secret-use-state.v1, mobius.catalog-key-use-state.v1, mobius.engine-key-use-state.v1,
    mobius.dispatcher-key-use-state.v1, mobius.audit-key-use-state.v1
Says: mobius.catalog-events.v1, mobius.catalog-action-state.v1, mobius.catalog-api-key-state.v1,
    mobius.catalog-project-state.v1, mobius.catalog-integration-state.v1, mobius.catalog-key-use-state.v1
"""
