"""The engine: workflow definitions, and the runs that execute them.

Owns: workflow definitions and their versions, runs, steps, paths
Hears: mobius.dispatcher-events.v1, mobius.catalog-project-state.v1, mobius.catalog-api-key-state.v1,
    mobius.catalog-action-state.v1, mobius.dispatcher-action-state.v1
Says: mobius.engine-events.v1, mobius.engine-key-use-state.v1, mobius.engine-dead-letters.v1
"""
