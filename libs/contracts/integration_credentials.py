"""What sealed credentials are bound to, so that a row that was moved to another place does not open."""


def credentials_aad(project: str, integration: str) -> bytes:
    """The associated data under which the catalog seals and the dispatcher opens."""
    return f"mobius/integration-credentials/{project}/{integration}".encode()
