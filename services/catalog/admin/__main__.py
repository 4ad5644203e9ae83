"""`mobius-admin keys rotate-master`: run with the catalog's own settings, while everything else goes on."""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence

from libs.chassis.failpoints import arm
from libs.chassis.service import EXIT_CRASHED, EXIT_MISCONFIGURED
from libs.chassis.settings import InvalidSettings, load
from libs.chassis.telemetry.logging import configure_logging
from services.catalog.admin.rotate_master import rotate_master
from services.catalog.settings import CatalogSettings


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """The exit status: 0 when all is done, 1 when something is left, 2 for settings that are not usable."""
    _parser().parse_args(arguments)
    try:
        settings = load(CatalogSettings, environ, "CATALOG")
    except InvalidSettings as error:
        _tell(str(error))
        return EXIT_MISCONFIGURED
    configure_logging("mobius-admin", "warning", "console")
    arm(settings.failpoint)
    return 0 if asyncio.run(rotate_master(settings, _tell)) else EXIT_CRASHED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mobius-admin", description="Administers an installation of Mobius.")
    rooms = parser.add_subparsers(required=True, metavar="keys")
    keys = rooms.add_parser("keys", help="the keys that secrets are sealed under").add_subparsers(
        required=True, metavar="rotate-master"
    )
    keys.add_parser(
        "rotate-master",
        help="seal everything again under the first of the master keys",
        description="Seals everything again under the first of the keys in CATALOG_MASTER_KEY (or MOBIUS_MASTER_KEY), "
        "and announces it. Every service has to know that key before, and the old one until this is done.",
    )
    return parser


def _tell(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
