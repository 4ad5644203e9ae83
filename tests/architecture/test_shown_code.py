"""The Python that the how-tos show works: it verifies what Mobius signs, and is at least a program."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from libs.contracts.signing import new_signing_secret, signature_headers
from tests.architecture.tree import ROOT

SHOWN = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
SECRET, OLD_SECRET = (new_signing_secret(bytes([byte]) * 32) for byte in (1, 2))
BODY = '{"parameters":{"text":"Grüße"}}'.encode()

Verifier = Callable[[str, Mapping[str, str], bytes], bool]


def shown_in(page: str) -> list[str]:
    return SHOWN.findall((ROOT / "docs/how-to" / page).read_text(encoding="utf-8"))


def verifier(source: str) -> Verifier:
    names: dict[str, object] = {}
    exec(source, names)
    return cast(Verifier, names["is_from_mobius"])


def signed(*secrets: str, late: timedelta = timedelta(0)) -> dict[str, str]:
    headers = signature_headers(secrets, "job_1", datetime.now(UTC) - late, BODY)
    return {name.lower(): value for name, value in headers.items()}


VERIFIERS = [verifier(source) for source in shown_in("verify-a-signature.md")]


@pytest.mark.parametrize("is_from_mobius", VERIFIERS, ids=["library", "by hand"])
class TestVerifiers:
    def test_a_delivery_passes_also_during_a_rotation(self, is_from_mobius: Verifier) -> None:
        assert is_from_mobius(SECRET, signed(SECRET), BODY)
        assert is_from_mobius(OLD_SECRET, signed(SECRET, OLD_SECRET), BODY)

    @pytest.mark.parametrize(
        ("headers", "body"),
        [
            (signed(OLD_SECRET), BODY),
            (signed(SECRET), BODY + b" "),
            ({**signed(SECRET), "webhook-id": "job_2"}, BODY),
            (signed(SECRET, late=timedelta(minutes=6)), BODY),
            (signed(SECRET, late=timedelta(hours=-1)), BODY),
            ({}, BODY),
        ],
        ids=["another secret", "another body", "another id", "too old", "from the future", "no headers"],
    )
    def test_anything_else_is_refused(self, is_from_mobius: Verifier, headers: dict[str, str], body: bytes) -> None:
        assert not is_from_mobius(SECRET, headers, body)


@pytest.mark.parametrize("page", ["subscribe-to-events.md", "write-a-worker.md", "operate.md"])
def test_what_is_shown_is_a_program(page: str) -> None:
    programs = shown_in(page)

    assert programs
    for program in programs:
        compile(program, page, "exec")
