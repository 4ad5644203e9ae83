"""HTTP in: `routes` is the table of contents, a file per noun handles it, `models` is what goes over the wire."""
