"""Chaos: hundreds of runs in flight while whatever can die, stop or break does so; afterwards an oracle looks at
everything that anybody has kept.

    make chaos SECONDS=180 SEED=7

`parts/` are the processes around Mobius (a receiver, workers, callers), each with a diary of its own. `storm/` starts
an installation whose connections go through proxies, strikes it by a seeded plan, and waits until it has come to rest.
`oracle/` judges. It imports nothing of Mobius, so that a misunderstanding cannot be shared.
"""
