"""The dispatcher's tables: named SQL, and the desks that serve claims, heartbeats and reports in groups."""
