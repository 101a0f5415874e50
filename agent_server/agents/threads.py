"""Work that is never left running behind the back of whoever gave up waiting for it, however often they gave up."""

import asyncio
import contextvars
import functools
import threading
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def completed(*work: asyncio.Future[Any]) -> bool:
    """Wait until all of `work` is done, also when cancelled meanwhile; whether that happened.

    Who gets True has taken the cancellation upon itself, and has to raise it again or to say why not.
    """
    cancelled = False
    while waiting := [each for each in work if not each.done()]:
        try:
            await asyncio.wait(waiting)
        except asyncio.CancelledError:
            cancelled = True
    return cancelled


async def to_its_end(work: Awaitable[T]) -> T:
    """Await what must not be left half done. When cancelled, waits for its end before the cancellation goes on.

    A task that is cancelled before its first step never runs, so where somebody cancels all tasks it is begun again.
    """
    begun = asyncio.Event()

    async def begin() -> T:
        begun.set()
        return await work

    cancelled = False
    while True:
        doing = asyncio.ensure_future(begin())
        cancelled = await completed(doing) or cancelled
        if begun.is_set():
            return await _ended(doing, cancelled=cancelled)
        cancelled = True


async def in_thread(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Call `function` in a thread. When cancelled, waits for its end before the cancellation goes on."""
    return await _ended(begun(function, *arguments, **named))


async def in_cancellable_thread(function: Callable[[threading.Event], T]) -> T:
    """As `in_thread`, and tells `function` by an event that it is no longer wanted."""
    cancelled = threading.Event()
    work = begun(function, cancelled)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        cancelled.set()
        return await _ended(work, cancelled=True)


def begun(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> asyncio.Future[T]:
    """`function`, running in a thread. No task stands for it, so the end of the event loop does not cancel it."""
    call = functools.partial(contextvars.copy_context().run, function, *arguments, **named)
    return asyncio.get_running_loop().run_in_executor(None, call)


async def _ended(work: asyncio.Future[T], *, cancelled: bool = False) -> T:
    if await completed(work) or cancelled:
        if not work.cancelled():
            work.exception()  # whatever it was, nobody asks any more
        raise asyncio.CancelledError
    return work.result()
