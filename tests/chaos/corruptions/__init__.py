"""Planted corruptions: what each check of the oracle has to find in an observation that was clean before."""
