"""What an operator may ask of a service that consumes: which streams are parked, to let them go on, its dead letters.

Every replica answers from the database and leaves its wishes there; whoever holds the partition carries them out.
"""

from libs.chassis.operations.operations import Operations
from libs.chassis.operations.routes import operations_routes

__all__ = ["Operations", "operations_routes"]
