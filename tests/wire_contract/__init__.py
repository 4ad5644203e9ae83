"""Holds our answers against an OpenAPI file that somebody else has written: `make wire-contract FILE=…`.

A whole installation is started, every operation is asked rightly and wrongly (the rows of tests/e2e/operations), and
what is answered is checked with the file's schemas. The file stays where it is.
"""
