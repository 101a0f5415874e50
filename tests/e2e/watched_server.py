"""The server over standard streams, with a watch on its event loop: `python -m tests.e2e.watched_server REPORT`.

At the end the file REPORT holds, as JSON, the longest turns of the loop: milliseconds of processor time, and what ran.
Waiting for the interpreter, or for the processor, is not counted: that says more about the machine than about us.
"""

import asyncio
import json
import sys
import time
from heapq import heappush, heappushpop
from pathlib import Path

from agent_server.daemon import sessions

_MOST = 10
_longest: list[tuple[float, str]] = []


def _watch() -> None:
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        what = _described(handle)
        before = time.thread_time()
        run(handle)
        spent = (round(1000 * (time.thread_time() - before), 2), what)
        (heappush if len(_longest) < _MOST else heappushpop)(_longest, spent)

    asyncio.Handle._run = timed  # type: ignore[method-assign]


def _described(handle: asyncio.Handle) -> str:
    task = getattr(handle._callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        frame = task.get_stack(limit=1)
        return f"{task.get_coro()!r} at {frame[0].f_code.co_filename}:{frame[0].f_lineno}" if frame else repr(task)
    return repr(handle)[:300]


async def _serve() -> int:
    serving = asyncio.ensure_future(sessions.serve_standard_streams())
    await asyncio.sleep(0)  # the first turn is the start of the process; nobody is served yet
    _watch()
    return await serving


if __name__ == "__main__":
    sessions.learn_types()  # a process does so in its first moments
    status = asyncio.run(_serve())
    Path(sys.argv[1]).write_text(json.dumps(sorted(_longest, reverse=True)))
    sys.exit(status)
