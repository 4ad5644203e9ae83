"""No module breaks a source rule, and each rule notices what it is there for."""

import pytest

from tests.architecture.source_rules import RULES
from tests.architecture.tree import Module, modules


@pytest.mark.parametrize("name", RULES)
def test_the_tree_keeps_the_rule(name: str) -> None:
    assert [offence for module in modules("libs", "services") for offence in RULES[name](module)] == []


BROKEN = [
    ("environment_only_in_main", "services/engine/app.py", "import os\nprint(os.environ['X'])\n"),
    ("environment_only_in_main", "services/engine/settings.py", "from os import environ\n"),
    ("environment_only_in_main", "libs/chassis/clock.py", "import os\nos.getenv('TZ')\n"),
    ("domain_is_pure", "services/engine/domain/decide.py", "import asyncpg\n"),
    ("domain_is_pure", "services/engine/domain/decide.py", "import random\n"),
    ("domain_is_pure", "services/engine/domain/decide.py", "from time import time\n"),
    ("domain_is_pure", "services/engine/domain/decide.py", "from libs.chassis.clock import Clock\n"),
    ("domain_is_pure", "services/engine/domain/decide.py", "from services.engine.settings import Settings\n"),
    (
        "domain_is_pure",
        "services/engine/domain/decide.py",
        "import datetime\nt = datetime.datetime.now(datetime.UTC)\n",
    ),
    ("domain_is_pure", "services/engine/domain/decide.py", "def f():\n    return open('x')\n"),
    ("domain_is_pure", "services/engine/domain/decide.py", "async def decide(): ...\n"),
    ("outward_calls_only_in_delivery", "services/dispatcher/workers/courier.py", "from aiohttp import ClientSession\n"),
    ("outward_calls_only_in_delivery", "services/engine/app.py", "import aiohttp\ns = aiohttp.ClientSession()\n"),
    ("outward_calls_only_in_delivery", "services/catalog/api/actions.py", "from slack_sdk.web import WebClient\n"),
    ("outward_calls_only_in_delivery", "libs/chassis/http/client.py", "import urllib.request\n"),
]


@pytest.mark.parametrize(("name", "path", "source"), BROKEN)
def test_a_planted_offence_is_named_with_its_line(name: str, path: str, source: str) -> None:
    offences = list(RULES[name](Module.parse(path, source)))

    assert offences
    assert all(offence.startswith(f"{path}:") and ": expected " in offence for offence in offences)


KEPT = [
    ("environment_only_in_main", "services/engine/__main__.py", "import os\nos.environ['X']\n"),
    (
        "domain_is_pure",
        "services/engine/domain/decide.py",
        "from datetime import datetime\nfrom pydantic import BaseModel\n",
    ),
    ("domain_is_pure", "services/engine/domain/decide.py", "from services.engine.domain.states import Run\n"),
    ("domain_is_pure", "services/engine/store/runs.py", "import asyncpg\n"),
    ("outward_calls_only_in_delivery", "services/dispatcher/delivery/sender.py", "from aiohttp import ClientSession\n"),
    ("outward_calls_only_in_delivery", "libs/chassis/http/server.py", "from aiohttp import web\n"),
    ("outward_calls_only_in_delivery", "libs/chassis/http/neighbour.py", "from aiohttp import ClientSession\n"),
]


@pytest.mark.parametrize(("name", "path", "source"), KEPT)
def test_what_a_rule_allows_passes(name: str, path: str, source: str) -> None:
    assert list(RULES[name](Module.parse(path, source))) == []


def test_every_rule_is_broken_once() -> None:
    assert {name for name, _, _ in BROKEN} == set(RULES)
