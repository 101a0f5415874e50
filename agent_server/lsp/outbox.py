"""What waits for a client that reads more slowly than we write. Knows no I/O.

A client that never reads must cost no more than a bounded amount of memory, and must not keep anybody else waiting. So
what a newer message replaces is not kept: the diagnostics of one document, the state of one run.
"""

from collections.abc import Callable, Hashable

MOST_WAITING = 32 * 1024 * 1024
"""So many bytes wait for a client at most; then it is given up."""

MUCH_WAITING = 4 * 1024 * 1024
"""With so many bytes waiting, a client is asked nothing and answered nothing until it has read some.

Not earlier: a simple client may write until we have read all, and read only then.
"""


class Outbox:
    """Messages on their way to one client. `write` takes one that may go now, `overflow` is called at the limit."""

    def __init__(self, write: Callable[[bytes], None], overflow: Callable[[], None]) -> None:
        self._write = write
        self._overflow = overflow
        self._paused = False
        self._waiting: dict[Hashable, bytes] = {}
        self._size = 0
        self._number = 0

    @property
    def size(self) -> int:
        """How many bytes wait."""
        return self._size

    def send(self, message: bytes, replaces: Hashable = None) -> None:
        """Send a message, now or as soon as the client reads. One that waits under the same key is dropped for it."""
        if not self._paused:
            self._write(message)
            return
        self._number += 1
        key = self._number if replaces is None else replaces
        self._size += len(message) - len(self._waiting.pop(key, b""))
        self._waiting[key] = message
        if self._size > MOST_WAITING:
            self.drop()
            self._overflow()

    def pause(self) -> None:
        """The client does not read: keep what comes."""
        self._paused = True

    def resume(self) -> None:
        """The client reads again."""
        self._paused = False
        while self._waiting and not self._paused:  # a write may pause us again
            key = next(iter(self._waiting))
            message = self._waiting.pop(key)
            self._size -= len(message)
            self._write(message)

    def drop(self) -> None:
        """Let go of everything that waits."""
        self._waiting.clear()
        self._size = 0
