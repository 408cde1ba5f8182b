"""No search for cyclic garbage in the middle of a page."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def collected_later() -> Iterator[None]:
    """What runs within leaves Python's collector for its end.

    A page makes thousands of objects that live as long as its tree does: each of the dozens of searches meanwhile
    would look at them and find nothing. Afterwards their reference counts have freed them, and the next is short.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
