"""What a sealed signing secret is bound to, so that a row that was moved to another action does not open."""


def secret_aad(project: str, action: str, version: int) -> bytes:
    """The associated data under which the catalog seals and the dispatcher opens."""
    return f"mobius/action-secret/{project}/{action}/{version}".encode()
