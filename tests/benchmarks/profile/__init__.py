"""`make profile`: where the CPU goes while 3-step workflows run, a flame graph and a table for each service."""
