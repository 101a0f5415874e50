"""Work on the disk in a thread, never left running behind the back of whoever gave up waiting for it."""

import asyncio
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Call `function` in a thread. When cancelled, waits for its end before the cancellation goes on."""
    work = asyncio.ensure_future(asyncio.to_thread(function, *arguments, **named))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait((work,))
        raise


async def in_cancellable_thread(function: Callable[[threading.Event], T]) -> T:
    """As `in_thread`, and tells `function` by an event that it is no longer wanted."""
    cancelled = threading.Event()
    work = asyncio.ensure_future(asyncio.to_thread(function, cancelled))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        cancelled.set()
        await asyncio.wait((work,))
        work.exception()  # whatever it was, nobody asks any more
        raise
