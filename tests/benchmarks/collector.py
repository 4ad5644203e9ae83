"""Parts of a service that run inside the benchmark, with the garbage collector as the service sets it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def settled_memory() -> Iterator[None]:
    """For this block no collection looks at what lives already, as in a service that has started."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
