"""The engine: workflow definitions, and the runs that execute them.

Owns: workflow definitions and their versions, runs, steps, paths.
Hears: dispatcher-events (what became of jobs and invocations), catalog-action-state, catalog-api-key-state,
    catalog-project-state, dispatcher-action-state.
Says: engine-events (definitions, the life of runs and steps).
"""
