"""What stands against which danger, and how to take exactly that away: data, one module for each part of the path."""

from tests.mutants.guards.access import ACCESS
from tests.mutants.guards.audit import AUDIT
from tests.mutants.guards.bus import BUS
from tests.mutants.guards.catalog import CATALOG
from tests.mutants.guards.compatibility import COMPATIBILITY
from tests.mutants.guards.dashboard import DASHBOARD
from tests.mutants.guards.delivery import DELIVERY
from tests.mutants.guards.door import DOOR
from tests.mutants.guards.integrations import INTEGRATIONS
from tests.mutants.guards.outbox import OUTBOX
from tests.mutants.guards.queue import QUEUE
from tests.mutants.guards.secrets import SECRETS
from tests.mutants.guards.validation import VALIDATION
from tests.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = (
    *ACCESS,
    *AUDIT,
    *BUS,
    *CATALOG,
    *COMPATIBILITY,
    *DASHBOARD,
    *DELIVERY,
    *DOOR,
    *INTEGRATIONS,
    *OUTBOX,
    *QUEUE,
    *SECRETS,
    *VALIDATION,
)
