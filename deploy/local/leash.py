"""Runs a command that dies with the process that started it: `leash.py PARENT SIGNAL USER COMMAND…`, then exec.

The kernel sends SIGNAL to the command when PARENT goes away, even by kill -9, so no server outlives its supervisor.
USER (or `-` for none) is who the command runs as when we are root: PostgreSQL refuses to run as root. That user keeps
the right to pass folders that only root may enter, so no permission on the machine has to change for it.
Stands alone (stdlib only, no package import), because it is started before every process of the stack.
"""

import ctypes
import os
import pwd
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_SECBIT_NO_SETUID_FIXUP = 4  # capabilities outlive the change of user, and access(2) counts them
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


def main(arguments: list[str]) -> None:
    parent, signal_number, user, *command = arguments
    if user != "-" and os.geteuid() == 0:
        _become(user)
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, int(signal_number))
    if os.getppid() != int(parent):  # the parent died before the kernel knew that we want to hear of it
        sys.exit(1)
    os.execvp(command[0], command)


def _become(user: str) -> None:
    entry = pwd.getpwnam(user)
    if sys.platform == "linux":
        _prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    if sys.platform == "linux":
        _keep_only(_CAP_DAC_OVERRIDE)


def _keep_only(capability: int) -> None:
    """Drops every capability but one, and lets that one pass the exec; where it was never held, nothing is kept."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    bit = 1 << capability
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable; then the upper halves
    if ctypes.CDLL(None).capset(header, sets) == 0:
        _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability)


def _prctl(option: int, first: int, second: int = 0) -> None:
    zero = ctypes.c_ulong(0)
    ctypes.CDLL(None).prctl(option, ctypes.c_ulong(first), ctypes.c_ulong(second), zero, zero)


if __name__ == "__main__":
    main(sys.argv[1:])
