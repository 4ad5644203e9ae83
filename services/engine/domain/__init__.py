"""What a workflow means, without I/O: definitions are checked and compiled, runs are decided and folded.

A run is one stream. `decide` answers a command with events, `evolve` folds them; everything that needed an expression
is in the events already (`StepScheduled.parameters`, `StepCompleted.follow`), so that a fold evaluates nothing.

    spec.py → checks.py → definition.py     the wire's WorkflowSpec, what is wrong with it, its compiled form
    commands.py → decide.py → evolve.py     what may happen, what then happens, what it changes (run_state.py)
    history.py                              the same events as rows for readers
"""
