"""LSP's base protocol without any I/O: bytes in, bodies of messages out, and the other way round.

pygls 2.1.1 matches header names by case, loses its place for good at a bad length, and knows no limit; so this is ours.
"""

from collections.abc import Iterator

MAX_MESSAGE = 64 * 1024 * 1024
"""The longest body that is taken, in bytes."""

_MAX_HEADERS = 8 * 1024


class FramingError(Exception):
    """The bytes are not framed as LSP's base protocol asks, so that the next message cannot be found either."""


class Frames:
    """The messages in a stream of bytes that arrives in pieces."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bodies that `data` completes; raises `FramingError` behind the last whole one."""
        self._buffer += data
        while (body := self._next()) is not None:
            yield body

    def _next(self) -> bytes | None:
        if self._length is None:
            self._length = self._headers()
        if self._length is None or len(self._buffer) < self._length:
            return None
        body = bytes(self._buffer[: self._length])
        del self._buffer[: self._length]
        self._length = None
        return body

    def _headers(self) -> int | None:
        """The length that the next headers announce, which are taken off the buffer; None until they are complete."""
        length: int | None = None
        at = 0
        while (end := self._buffer.find(b"\n", at, _MAX_HEADERS)) >= 0:
            line = bytes(self._buffer[at:end]).strip()
            at = end + 1
            if line:
                length = _length_in(line, length)
            elif length is not None:
                del self._buffer[:at]
                return length
            elif bytes(self._buffer[:at]).strip():
                raise FramingError("A message has no Content-Length header.")
            # Stray blank lines between messages do no harm.
        if len(self._buffer) >= _MAX_HEADERS:
            raise FramingError("A message's headers are too long.")
        return None


def framed(body: bytes) -> bytes:
    """A body as it goes over the wire."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _length_in(line: bytes, known: int | None) -> int | None:
    """The length that a header line gives; `known` where it is another header."""
    name, _, value = line.partition(b":")
    if name.strip().lower() != b"content-length":
        return known
    digits = value.strip()
    # Python reads no more than 4,300 digits, and int() takes underscores and other alphabets' digits.
    if not digits.isdigit() or len(digits) > 20:
        raise FramingError(f"Content-Length is {digits[:40]!r}, not a number of bytes.")
    length = int(digits)
    if known is not None and known != length:
        raise FramingError("A message has two different Content-Length headers.")
    if length > MAX_MESSAGE:
        raise FramingError(f"A message of {length:,} bytes is over the limit of {MAX_MESSAGE:,}.")
    return length
