"""How long the dashboard's pages take with millions of invocations and a run of ten thousand steps, each beside one raw
query of the same rows. An installation of its own is filled, looked at by one visitor, and gone afterwards."""
