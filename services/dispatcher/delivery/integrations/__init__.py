"""Platform integrations: actions that Mobius brings along or finds installed, called from here without a job.

One integration is one class that is a `port.Integration`. `entry_points` finds them, the `registry` holds them,
`connections` says with which credentials a project's step is carried out, and `redaction` keeps those in.
"""
