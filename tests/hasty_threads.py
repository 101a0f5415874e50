"""Threads that take turns after each few instructions, so that a race that can be lost is."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hasty_threads() -> Iterator[None]:
    """Have them do so within."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
