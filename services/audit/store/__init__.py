"""The audit's tables."""
