"""Which fault an exception of the HTTP client is. Before there was a connection, nothing can have been sent."""

import aiohttp

from services.dispatcher.delivery.outcome import Fault
from services.dispatcher.delivery.target_guard import TargetDenied

_BEFORE: tuple[tuple[type[BaseException], Fault], ...] = (
    (aiohttp.ClientConnectorDNSError, Fault.NOT_RESOLVED),
    (aiohttp.ClientSSLError, Fault.TLS_FAILED),
    (aiohttp.ServerFingerprintMismatch, Fault.TLS_FAILED),
    (TimeoutError, Fault.CONNECT_TIMEOUT),
    (aiohttp.InvalidURL, Fault.TARGET_DENIED),
)


def fault_of(error: BaseException, *, connected: bool) -> tuple[Fault, str]:
    """The fault, and what is said of it, however long that is."""
    denied = _denial_in(error)
    if denied is not None:
        return Fault.TARGET_DENIED, denied.sentence
    text = str(error) or type(error).__name__
    if connected:
        return (Fault.TIMEOUT if isinstance(error, TimeoutError) else Fault.CUT_OFF), text
    return next((fault for kind, fault in _BEFORE if isinstance(error, kind)), Fault.NOT_CONNECTED), text


def _denial_in(error: BaseException | None) -> TargetDenied | None:
    """The guard's refusal inside what the client made of it."""
    while error is not None:
        if isinstance(error, TargetDenied):
            return error
        error = error.__cause__ or error.__context__
    return None
