"""docs/reference/settings.md: every setting of every service, from the models that read them."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import cast

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from deploy.reference.markdown import page, table
from libs.chassis.settings import SHARED_PREFIX, ServiceSettings
from libs.contracts.codec import JsonObject
from libs.contracts.publication.field_tables import bounds_in_words, type_in_words
from libs.contracts.topics import SERVICES

_INTRODUCTION = """\
A service reads its settings from the environment, once, when it starts. Field `lease_seconds` of the dispatcher is
read from `DISPATCHER_LEASE_SECONDS`, else from `MOBIUS_LEASE_SECONDS`, else it has its default. So a variable that
begins with `MOBIUS_` goes to all services, and one that begins with a service's name wins there.

- Everything that is wrong is named at once, by its variable and never with its value; the process ends with status 2.
- A variable with the service's own prefix that no setting knows is wrong too: it is a typo.
- An empty variable counts as unset. A list is written with commas.
- The effective settings are in the first line of the log, without the secrets.
"""
_HEAD = ("variable", "type", "default", "meaning")


def settings_page() -> str:
    """What all services have in common, then what each has of its own."""
    lines = [*_INTRODUCTION.splitlines(), "", "## Every service", ""]
    lines += table(_HEAD, _rows(ServiceSettings, SHARED_PREFIX, ServiceSettings.model_fields))
    for service in SERVICES:
        model = _settings_of(service)
        own = [name for name in model.model_fields if name not in ServiceSettings.model_fields]
        lines += [f"## {service}", "", *table(_HEAD, _rows(model, service.upper(), own))]
    return page("Settings", "libs/chassis/settings.py and services/*/settings.py", lines)


def _settings_of(service: str) -> type[BaseModel]:
    module = import_module(f"services.{service}.settings")
    return cast("type[BaseModel]", getattr(module, f"{service.capitalize()}Settings"))


def _rows(model: type[BaseModel], prefix: str, names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    fields = cast("dict[str, JsonObject]", model.model_json_schema()["properties"])
    for name in names:
        info = model.model_fields[name]
        kind = "secret" if "SecretStr" in str(info.annotation) else type_in_words(fields[name])
        meaning = info.description or ""
        yield f"`{prefix}_{name.upper()}`", kind + bounds_in_words(fields[name]), _default(info), meaning


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**required**"
    value = info.default.get_secret_value() if isinstance(info.default, SecretStr) else info.default
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value or value == 0 else "none"
