"""The dashboard, put together: its routes, and what has to run for them."""

from collections.abc import Sequence
from datetime import timedelta

from libs.access import Access
from libs.chassis.clock import Clock
from libs.chassis.db.reads import Reads
from libs.chassis.http import AnyRoute
from libs.chassis.http.authentication import Authentication
from libs.chassis.http.neighbour import Neighbour
from services.audit.dashboard.address import Address
from services.audit.dashboard.pages import COMMANDS, PAGES
from services.audit.dashboard.pulse import Pulse
from services.audit.dashboard.sessions import Sessions
from services.audit.dashboard.signing_in import SigningIn
from services.audit.dashboard.site import Site
from services.audit.dashboard.visit import Sources
from services.audit.settings import AuditSettings
from services.audit.store.action_stats import RecentStats
from services.audit.store.catalogue import Catalogue
from services.audit.store.progress import recorded_up_to
from services.audit.store.sessions import SessionRows


class Dashboard:
    """`routes` for the door; `components` to be started after the reads."""

    def __init__(
        self, settings: AuditSettings, reads: Reads, catalogue: Catalogue, access: Access, clock: Clock
    ) -> None:
        async def mark() -> object:
            return await recorded_up_to(reads), access.version, catalogue.version

        rows = SessionRows(settings.postgres_url.get_secret_value(), reads)
        api = Neighbour("API", settings.api_url, timedelta(seconds=settings.api_seconds))
        pulse = Pulse(mark)
        sources = Sources(reads, RecentStats(reads), catalogue, access, api, clock, Address(settings.public_url))
        sessions = Sessions(rows, timedelta(seconds=settings.session_seconds))
        self._site = Site(sources, sessions, Authentication(access, access), pulse)
        self.components = (rows, api, pulse)

    def routes(self) -> Sequence[AnyRoute]:
        """Every page, every form, and the door."""
        return (*SigningIn(self._site).routes(), *self._site.routes(PAGES, COMMANDS))
