"""Of credentials that get no token nothing is kept."""

import asyncio

import pytest

from libs.contracts.codec import JsonObject
from services.dispatcher.delivery.integrations.github_tokens import InstallationTokens, Token
from tests.doubles.clock import NOON


def credentials(number: int) -> JsonObject:
    return {"app_id": "1", "installation_id": str(number), "private_key": "x"}


async def test_whoever_gets_no_token_leaves_nothing_behind() -> None:
    tokens = InstallationTokens(lambda: NOON)

    async def refused() -> Token:
        await asyncio.sleep(0)
        raise OSError("no")

    for number in range(3):
        asked = [tokens.of(credentials(number), refused) for _ in range(2)]
        assert all(isinstance(one, OSError) for one in await asyncio.gather(*asked, return_exceptions=True))
        del asked

    with pytest.raises(OSError, match="no"):
        await tokens.of(credentials(0), refused)
    assert (len(tokens._kept), len(tokens._asking)) == (0, 0)
