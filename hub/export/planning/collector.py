"""Keeps Python's search for cycles away from planning, which makes half a million small tuples and no cycles.

Each search would look through all of them again: that was a third of the time of a large plan.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_search_for_cycles() -> Iterator[None]:
    """Search for no cycles in this process meanwhile; where the host never does, that stays so."""
    searches = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searches:
            gc.enable()
