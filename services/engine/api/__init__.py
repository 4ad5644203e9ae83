"""Commands and queries of the engine, in over HTTP."""
