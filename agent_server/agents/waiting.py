"""Waiting for what must not be left half done."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Await `work`. When cancelled, however often, waits for its end before the cancellation goes on."""
    doing = asyncio.ensure_future(work)
    cancelled = False
    while not doing.done():
        try:
            await asyncio.wait((doing,))
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        if not doing.cancelled():
            doing.exception()  # whatever it was, nobody asks any more
        raise asyncio.CancelledError
    return doing.result()
