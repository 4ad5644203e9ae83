"""The guards, each taken away once: some test has to notice. `make mutants` does it in copies of the tree."""
