from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.lsp.framing import MAX_MESSAGE, Frames, FramingError, framed

bodies = st.lists(st.binary(max_size=40), max_size=6)


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    """The stream, cut at these places."""
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    return [stream[start:end] for start, end in pairwise(places)]


@given(bodies, st.lists(st.integers(min_value=0), max_size=20))
def test_however_a_stream_is_cut_the_bodies_are_the_same(said: list[bytes], cuts: list[int]) -> None:
    frames = Frames()
    stream = b"".join(map(framed, said))
    assert [body for piece in pieces(stream, cuts) for body in frames.feed(piece)] == said


@given(st.binary(max_size=300), st.lists(st.integers(min_value=0), max_size=20))
def test_however_it_is_cut_what_is_no_frame_is_refused_alike(stream: bytes, cuts: list[int]) -> None:
    assert read([stream]) == read(pieces(stream, cuts))


def read(stream: list[bytes]) -> tuple[list[bytes], str]:
    """The bodies of a stream, and why there are no more."""
    frames, found = Frames(), []
    try:
        for piece in stream:
            found.extend(frames.feed(piece))
    except FramingError as error:
        return found, str(error)
    return found, ""


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 2\r\n\r\n",
        b"content-length:2\r\n\r\n",
        b"CONTENT-LENGTH : 2 \r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n",
        b"Content-Type: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: 2\n\n",
        b"\r\n\r\nContent-Length: 2\r\n\r\n",
    ],
)
def test_what_counts_as_headers(headers: bytes) -> None:
    assert read([headers + b"{}" + framed(b"[]")]) == ([b"{}", b"[]"], "")


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (b"Content-Length: -1\r\n\r\n", "not a number"),
        (b"Content-Length: 1_0\r\n\r\n", "not a number"),
        (b"Content-Length: \xb2\r\n\r\n", "not a number"),
        (b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n", "not a number"),
        (b"Content-Length: %d\r\n\r\n" % (MAX_MESSAGE + 1), "over the limit"),
        (b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n", "two different"),
        (b"Content-Type: x\r\n\r\n{}", "no Content-Length"),
        (b"x" * 10_000, "too long"),
        (b"\r\n" * 10_000, "too long"),
    ],
)
def test_what_is_refused_comes_behind_what_was_whole(headers: bytes, words: str) -> None:
    found, why = read([framed(b"{}") + headers])
    assert found == [b"{}"]
    assert words in why
