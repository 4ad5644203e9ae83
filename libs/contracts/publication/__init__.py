"""How the contracts are published: JSON Schemas, the lock that keeps released ones, and the reference pages.

Everything here computes texts from the payload classes and the topic files; `libs.contracts.generate` writes them. No
service needs it while running.
"""
