"""How many requests go to one provider at once, over all agents of this process, and when again after its limit.

A provider that is asked too much refuses (429) or is overloaded (529). What one agent hears then holds for all: nobody
begins a request before the pause is over, and then half as many go at once, which grows again by one with each round
that goes well (additive increase, multiplicative decrease; Chiu and Jain, 1989). So a wave of agents settles at what
the provider takes, instead of each finding out for itself.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


class Throttle:
    """The requests to one provider. Belongs to one event loop."""

    def __init__(
        self,
        most: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """At most `most` requests at once, which is 1 or more. `clock` and `sleep` count seconds."""
        self._most = most
        self._allowed = float(most)
        self._under_way = 0
        self._until = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._clock = clock
        self._sleep = sleep

    @property
    def allowed(self) -> int:
        """How many requests may be under way now."""
        return int(self._allowed)

    @property
    def pause(self) -> float:
        """For how many seconds nobody may begin a request; 0 where that is not so."""
        return max(0.0, self._until - self._clock())

    @asynccontextmanager
    async def request(self) -> AsyncIterator[None]:
        """The time of one request: it begins when there is room, in the order of asking. One that raises went badly."""
        await self._room()
        try:
            while self.pause:
                await self._sleep(self.pause)
            yield
            self._allowed = min(self._most, self._allowed + 1 / self._allowed)
        finally:
            self._under_way -= 1
            self._wake()

    def back_off(self, seconds: float) -> None:
        """The provider has had too much: nobody begins a request for `seconds`, and then half as many go at once.

        Of several refusals that come before the pause is over, the first one halves: they tell of one and the same.
        """
        if not self.pause:
            self._allowed = max(1.0, self._allowed / 2)
        self._until = max(self._until, self._clock() + seconds)

    async def _room(self) -> None:
        """Wait until this request counts as under way."""
        if not self._waiting and self._under_way < self.allowed:
            self._under_way += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._under_way -= 1
                self._wake()
            raise

    def _wake(self) -> None:
        """Let as many of those who wait go on as there is room for; they count from now on."""
        while self._waiting and self._under_way < self.allowed:
            turn = self._waiting.popleft()
            if not turn.done():
                self._under_way += 1
                turn.set_result(None)
