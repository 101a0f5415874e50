"""Limits of time that are reached when a test says so, and not because a machine is slow."""

import asyncio
from contextlib import suppress

import pytest


class LongLimits:
    """All limits of ten minutes or more that somebody sets with `asyncio.timeout`, in the order of their setting.

    None is reached before `reach` is called, so what has to happen within it has happened by then.
    """

    LEAST = 600.0

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds: list[float] = []
        self._limits: list[asyncio.Timeout] = []
        self._given = asyncio.timeout
        monkeypatch.setattr(asyncio, "timeout", self._timeout)

    def reach(self) -> None:
        """The time of those that have begun and are not over is up."""
        now = asyncio.get_running_loop().time()
        for limit in self._limits:
            with suppress(RuntimeError):  # it is over
                limit.reschedule(now)

    def _timeout(self, delay: float | None) -> asyncio.Timeout:
        if delay is None or delay < self.LEAST:
            return self._given(delay)
        self.seconds.append(delay)
        self._limits.append(self._given(None))
        return self._limits[-1]
