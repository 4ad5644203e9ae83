"""The engine's loops, one file each."""
