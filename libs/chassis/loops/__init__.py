"""Loops that move time forward, and the group commit that serves many requests with one transaction."""
