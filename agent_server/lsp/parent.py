"""The editor's process: when it ends without a word, the server must not stay behind.

An editor that is killed usually takes our standard input with it. Not so where another process holds the other end.
"""

import asyncio
import os

_POLL_SECONDS = 2.0


def is_running(pid: int) -> bool:
    """Whether the process can be seen from here; one outside our container cannot, and its end would go unnoticed."""
    if os.name != "posix" or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


async def ended(pid: int) -> None:
    """Return once the process has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except (AttributeError, OSError):  # not Linux, an old kernel, or gone already
        while is_running(pid):  # noqa: ASYNC110  # there is no event to wait for
            await asyncio.sleep(_POLL_SECONDS)
        return
    loop, gone = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(descriptor, gone.set)
        await gone.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
