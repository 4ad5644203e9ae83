"""The demo: the published example over real documents, on a local stack, compared from three sides.

`python -m demo` tells it; `await demo.story.run(demo.options.Options())` does the same and answers with a report.
It is an outsider: it speaks to Mobius through the public HTTP API and the published SDK only.
"""
