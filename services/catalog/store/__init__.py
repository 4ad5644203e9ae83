"""The catalog's tables: named SQL, rows, and the commit that makes a change and its events durable together."""
