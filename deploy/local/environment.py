"""What each process of the stack is told. A service gets its own variables and the shared ones, nobody else's."""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.contracts.topics import SERVICES

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
_SHARED_PREFIX = "MOBIUS_"
_LOOPBACK = "127.0.0.0/8"  # where endpoints may be, beside the public internet
_KEY_HOLDERS = frozenset({"catalog", "dispatcher"})  # who seals and opens secrets
_STACK_ONLY = frozenset(  # for the stack, or for its clients: services are told by other means, or not at all
    {
        f"MOBIUS_{name}"
        for name in "POSTGRES_URL KAFKA_BOOTSTRAP LOCAL_BROKER MASTER_KEY API_URL API_KEY PROJECT".split()
    }
    | {f"MOBIUS_{service.upper()}_URL" for service in SERVICES}
)


@dataclass(frozen=True)
class Installation:
    """The facts of one running stack. Ports by process; `overrides` win over everything here."""

    kafka_bootstrap: str
    postgres_urls: Mapping[str, str]
    ports: Mapping[str, int]
    project: str
    api_key: str
    master_key: str
    overrides: Mapping[str, str]
    inherited: Mapping[str, str]

    def of(self, service: str, process: str) -> dict[str, str]:
        """The whole environment of `python -m services.<service>`, as the replica that is called `process`."""
        prefix = service.upper()
        environment = process_basics(self.inherited) | {
            "MOBIUS_KAFKA_BOOTSTRAP": self.kafka_bootstrap,
            f"{prefix}_POSTGRES_URL": self.postgres_urls[service],
            f"{prefix}_HOST": "127.0.0.1",
            f"{prefix}_PORT": str(self.ports[process]),
            f"{prefix}_INSTANCE_ID": f"{process}-local",
        }
        if service in _KEY_HOLDERS:
            environment["MOBIUS_MASTER_KEY"] = self.master_key
        return environment | self._own(service) | overrides_for(service, self.overrides)

    def _own(self, service: str) -> dict[str, str]:
        if service == "catalog":
            return {
                "CATALOG_BOOTSTRAP_API_KEY": self.api_key,
                "CATALOG_BOOTSTRAP_PROJECT": self.project,
                "CATALOG_ALLOWED_TARGETS": _LOOPBACK,
                "CATALOG_ENGINE_URL": f"http://127.0.0.1:{self.ports['engine']}",
            }
        if service == "dispatcher":
            return {"DISPATCHER_ALLOWED_TARGETS": _LOOPBACK}
        if service == "audit":
            return {"AUDIT_API_URL": f"http://127.0.0.1:{self.ports['gateway']}"}
        return {}


def process_basics(inherited: Mapping[str, str]) -> dict[str, str]:
    """What any process needs of the caller's environment, and no secret of his."""
    basics = {name: inherited[name] for name in _INHERITED if name in inherited}
    return basics | {"PYTHONUNBUFFERED": "1"}


def overrides_for(service: str, overrides: Mapping[str, str]) -> dict[str, str]:
    """The overrides with the service's own prefix, and the shared ones that the stack does not answer for itself."""
    own = f"{service.upper()}_"
    return {
        name: value
        for name, value in overrides.items()
        if name.startswith(own) or (name.startswith(_SHARED_PREFIX) and name not in _STACK_ONLY)
    }


def settings_in(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of a caller's environment that is meant for the services: MOBIUS_… and CATALOG_… and so on."""
    prefixes = (_SHARED_PREFIX, *(f"{service.upper()}_" for service in SERVICES))
    return {name: value for name, value in environment.items() if name.startswith(prefixes)}
