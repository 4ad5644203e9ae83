"""The pages in a real browser: Debian's Chromium, headless, against a whole installation.

`chromium.py` starts it, `watch.py` sees what a page does wrong, `looks.py` names the ways to look at a page,
`accessibility.py` asks axe-core, `screenshots.py` writes pictures.
"""
