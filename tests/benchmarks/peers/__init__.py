"""Other workflow engines on the same machine and in the same rounds, with the same work: `make bench PEER=restate`."""

BESIDE = "beside Restate"
"""In the name of every row that compares us."""
