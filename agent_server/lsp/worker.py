"""The thread in which one workspace's plans are read, analysed and asked about, so that the event loop never waits.

One thread a workspace: analyses of its plans come one after the other, and whatever is asked about them comes behind
the edit that it was asked after. More threads would gain nothing, since one interpreter runs one of them at a time.
"""

import asyncio
import logging
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Worker:
    """Does jobs in the order in which they were given, in a thread of its own. The thread begins with the first."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._stopped = False
        # Each is counted by one thread alone: adding to a number that two threads share is no single step.
        self._given = 0
        self._done = 0

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do."""
        return self._given == self._done

    def submit(self, job: Callable[[], None]) -> None:
        """Do `job`; what it raises is logged. A worker that was stopped takes no more. Called on the event loop."""
        if self._stopped:
            return
        if self._thread is None:
            # A daemon thread: a long analysis must not keep the process from ending.
            self._thread = Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._given += 1
        self._jobs.put(job)

    async def run(self, function: Callable[[], T]) -> T:
        """What `function` returns, or raises, in the thread. Not wanting it any more leaves it undone, if it waits.

        Raises `CancelledError` where the worker was stopped before.
        """
        loop = asyncio.get_running_loop()
        result: asyncio.Future[T] = loop.create_future()

        def job() -> None:
            if not result.done():
                try:
                    value = function()
                except BaseException as error:  # noqa: BLE001  # it is raised where it is awaited
                    loop.call_soon_threadsafe(_fail, result, error)
                else:
                    loop.call_soon_threadsafe(_succeed, result, value)

        if self._stopped:
            raise asyncio.CancelledError
        self.submit(job)
        return await result

    def stop(self) -> None:
        """Take no more jobs. Returns at once; those that were given are still done, since somebody may await them."""
        if not self._stopped:
            self._stopped = True
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception:  # noqa: BLE001  # whatever a job does, the next one is done
                if not self._stopped:  # else its event loop may be gone, which is no fault
                    _log.exception("A job of %s failed", self._name)
            finally:
                self._done += 1


def _succeed(result: asyncio.Future[T], value: T) -> None:
    if not result.done():
        result.set_result(value)


def _fail(result: asyncio.Future[T], error: BaseException) -> None:
    if not result.done():
        result.set_exception(error)
