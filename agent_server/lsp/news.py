"""News, and who waits for them: a client that asks what is new is answered when something is, or after a while.

Whoever waits is a task of the event loop and holds nothing else: no thread and no worker. It is given up as any other
request is.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

SECONDS_HELD = 60.0
"""So long an answer without news is held back at most: some connections are given up on that are silent for longer."""

PAUSE = 0.5
"""So long after something has happened it is looked at again, in seconds: much happens at once."""


class News:
    """Tells those who wait that something has happened. Belongs to the event loop."""

    def __init__(self) -> None:
        self._happened = asyncio.Event()

    def tell(self) -> None:
        """Something has happened that may be news to whoever waits."""
        happened, self._happened = self._happened, asyncio.Event()
        happened.set()

    async def first(self, look: Callable[[], Awaitable[T]], is_news: Callable[[T], bool]) -> T:
        """What `look` finds, as soon as that is news; after `SECONDS_HELD`, also what is none."""
        until = asyncio.get_running_loop().time() + SECONDS_HELD
        while True:
            happened = self._happened  # before the look: what happens meanwhile is looked at again
            found = await look()
            if is_news(found):
                return found
            try:
                async with asyncio.timeout_at(until):
                    await happened.wait()
                    await asyncio.sleep(PAUSE)
            except TimeoutError:
                return found
