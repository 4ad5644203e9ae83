"""What a request is called in logs and answers: as its sender calls it, or by a name of ours."""

import itertools
import os
import re

from aiohttp.web import BaseRequest

_GIVEN = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class RequestIds:
    """Names nobody else has given: a part that is this process's own, and a number."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._boot = os.urandom(5).hex()

    def of(self, request: BaseRequest) -> str:
        """`X-Request-Id` where it is one."""
        given = request.headers.get("X-Request-Id")
        if given is not None and _GIVEN.fullmatch(given):
            return given
        return f"req_{self._boot}{next(self._numbers):x}"
