"""What a sealed signing secret is bound to, so that whoever seals it and whoever opens it agree."""


def secret_binding(project: str, action: str, version: int) -> bytes:
    """The associated data of an action's signing secret: moved to another action or version, it does not open."""
    return f"action-secret/{project}/{action}/{version}".encode()
