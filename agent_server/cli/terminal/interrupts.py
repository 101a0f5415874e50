"""Ctrl-C: what may be broken off is, what must go to its end does, and the command exits with 130."""

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`, but a `KeyboardInterrupt` within the work reaches the caller, and no complaint of the loop."""
    result: list[T] = []

    async def kept_from_the_loop() -> bool:
        try:
            result.append(await work)
        except (KeyboardInterrupt, asyncio.CancelledError):
            return False
        return True

    if not asyncio.run(kept_from_the_loop()):
        raise KeyboardInterrupt
    return result[0]


@contextmanager
def at_once() -> Iterator[None]:
    """Let Ctrl-C raise `KeyboardInterrupt` here and now, also where a loop would hear of it only afterwards."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    wakeup = signal.set_wakeup_fd(-1)  # else the loop would take the same key for one that was pressed later
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        signal.signal(signal.SIGINT, before)
