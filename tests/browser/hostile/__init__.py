"""Texts that want to be more than text: `payloads.py` has them, `world.py` puts them wherever one may, `signs.py` sees
whether a page took one of them for anything else, `visits.py` says how each page is reached."""
