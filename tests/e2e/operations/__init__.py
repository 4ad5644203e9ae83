"""Every operation of the API, with a request that it answers: one table for all tests that go through all of them.

A new operation needs a row in `rows.py`; without one the build fails. `row` says what a row is, `ground` makes what the
rows name, `documented` holds answers against a document, `credentials` are the keys that the matrix tries.
"""
