"""Platform integrations: actions that Mobius brings along, called from here without a job.

One integration is one class that satisfies `port.Integration`; the composition root lists it in the registry.
"""
