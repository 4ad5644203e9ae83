"""The reference pages that are derived from the services: settings, HTTP API, delivery, life cycles.

It lives here, because whoever writes them has to see every service, and no service may see another. What is derived
from the contracts alone is written by `libs/contracts/generate.py`.
"""
