import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.lsp import outbox
from agent_server.lsp.outbox import Outbox


class Peer:
    """Who is written to. It takes `room` messages, and then pauses its outbox."""

    def __init__(self, room: int = 0) -> None:
        self.got: list[bytes] = []
        self.room = room
        self.overflows = 0
        self.outbox = Outbox(self._take, self._overflow)

    def _take(self, message: bytes) -> None:
        self.got.append(message)
        self.room -= 1
        if self.room == 0:
            self.outbox.pause()

    def _overflow(self) -> None:
        self.overflows += 1


def test_what_goes_at_once_is_not_replaced() -> None:
    peer = Peer()
    peer.outbox.send(b"1", "a")
    peer.outbox.send(b"2", "a")
    assert peer.got == [b"1", b"2"]


def test_of_what_waits_the_newest_is_kept_and_in_its_order() -> None:
    peer = Peer()
    peer.outbox.pause()
    for message, key in ((b"old", "a"), (b"other", "b"), (b"plain", None), (b"plain", None), (b"new", "a")):
        peer.outbox.send(message, key)
    assert peer.got == []
    assert peer.outbox.size == len(b"other" + b"plain" + b"plain" + b"new")
    peer.outbox.resume()
    assert peer.got == [b"other", b"plain", b"plain", b"new"]
    assert peer.outbox.size == 0


def test_a_peer_that_pauses_again_is_written_to_no_further() -> None:
    peer = Peer()
    peer.outbox.pause()
    for number in range(5):
        peer.outbox.send(b"%d" % number)
    peer.room = 2
    peer.outbox.resume()
    assert peer.got == [b"0", b"1"]
    peer.outbox.send(b"5")
    peer.outbox.resume()
    assert peer.got == [b"0", b"1", b"2", b"3", b"4", b"5"]


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_WAITING", 10)
    peer = Peer()
    peer.outbox.pause()
    for _ in range(100):
        peer.outbox.send(b"x" * 10, "replaced")
    assert (peer.overflows, peer.outbox.size) == (0, 10)
    peer.outbox.send(b"x")
    assert (peer.overflows, peer.outbox.size) == (1, 0)
    peer.outbox.resume()
    assert peer.got == []


steps = st.lists(st.sampled_from(["pause", "resume", "a", "b", None]), max_size=40)


@given(steps)
def test_nothing_is_lost_but_what_was_replaced(taken: list[str | None]) -> None:
    """A plain message always comes, once and in order; of each key the last message comes, and it comes last."""
    peer, sent = Peer(), list[tuple[str | None, bytes]]()
    for step in taken:
        if step == "pause":
            peer.outbox.pause()
        elif step == "resume":
            peer.outbox.resume()
        else:
            sent.append((step, b"%d" % len(sent)))
            peer.outbox.send(sent[-1][1], step)
    peer.outbox.resume()
    assert peer.got == sorted(peer.got, key=int)
    assert {message for key, message in sent if key is None} <= set(peer.got)
    last = {key: message for key, message in sent if key is not None}
    assert set(last.values()) <= set(peer.got)
    assert peer.outbox.size == 0
