"""The engine's tables: named SQL, states of runs in memory, and the desks that commit."""
