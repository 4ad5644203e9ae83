"""The engine's migrations, and `schema.sql`, which they must add up to."""
