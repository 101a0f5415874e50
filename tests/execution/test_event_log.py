"""The events of a run, page by page."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_server.agents.backend import Denied, Event, Retrying, Said, ToolCall, ToolStatus, Used
from agent_server.execution.records import event_log
from agent_server.execution.records.event_log import EventPage
from agent_server.execution.records.record import MOST_WAITING, RunStore
from tests.execution.records import in_database

RUN = "20260101T000000-000001"
TEXTS = st.text(st.characters(exclude_categories=()))  # lone surrogates too: names of files are among them
EVENTS = st.one_of(
    st.builds(Said, TEXTS),
    st.builds(ToolCall, st.text(), st.lists(TEXTS).map(tuple), st.sampled_from(ToolStatus)),
    st.builds(Denied, st.text(), TEXTS, st.text()),
    st.builds(Used, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)),
    st.builds(Retrying, st.integers(1, 9), st.text()),
)
RUNS = (f"20260101T000000-{number:06x}" for number in count())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(tmp_path / "runs")
    yield store
    store.close()


def pages(store: RunStore, task: str, run: str = RUN) -> list[EventPage]:
    found = [store.events(run, task)]
    while not found[-1].at_end:
        found.append(store.events(run, task, found[-1].next))
    return found


def texts(page: EventPage) -> list[str]:
    return [logged.event.text for logged in page.events if isinstance(logged.event, Said)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(happened=st.lists(st.tuples(st.sampled_from(["a", "\ud800", "a\0"]), EVENTS)), size=st.integers(1, 200))
def test_pages_of_any_size_hold_each_event_once(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, happened: list[tuple[str, Event]], size: int
) -> None:
    monkeypatch.setattr(event_log, "PAGE", size)
    run = next(RUNS)
    for task, event in happened:
        store.append(run, task, 1.5, event)
    for name in ("a", "\ud800", "a\0"):
        read = [logged.event for page in pages(store, name, run) for logged in page.events]
        assert read == [event for task, event in happened if task == name]


def test_a_page_of_many_events_is_short(store: RunStore) -> None:
    for _ in range(4_000):
        store.append(RUN, "a", 0, Said("x" * 1_000))
    found = pages(store, "a")
    assert max(len(page.events) for page in found) <= 1_000
    assert sum(len(page.events) for page in found) == 4_000


def test_what_happens_later_comes_with_the_next_page(store: RunStore) -> None:
    store.append(RUN, "a", 0, Said("first"))
    page = store.events(RUN, "a")
    assert (texts(page), page.at_end) == (["first"], True)
    store.append(RUN, "b", 0, Said("of another"))
    store.append(RUN, "a", 1, Said("second"))
    later = store.events(RUN, "a", page.next)
    assert texts(later) == ["second"]
    assert store.events(RUN, "a", later.next) == EventPage((), later.next, at_end=True)


@pytest.mark.parametrize("damage", ["data = '{'", "data = '7'", "data = '{}'", "kind = 'sang'", "kind = 'toolcall'"])
def test_an_event_that_cannot_be_read_is_left_out(store: RunStore, tmp_path: Path, damage: str) -> None:
    store.append(RUN, "a", 0, Said("damaged"))
    store.flush()
    in_database(tmp_path / "state.db", f"UPDATE event SET {damage}")
    store.append(RUN, "a", 0, Said("sound"))
    assert texts(store.events(RUN, "a")) == ["sound"]


@pytest.mark.parametrize("after", [-1, 1 << 40, 1 << 80])
def test_any_number_may_be_asked_for(store: RunStore, after: int) -> None:
    store.append(RUN, "a", 0, Said("first"))
    assert texts(store.events(RUN, "a", after)) == (["first"] if after < 0 else [])


def test_a_run_without_events_has_an_empty_page(store: RunStore) -> None:
    assert store.events(RUN, "a") == EventPage((), 0, at_end=True)


def test_many_events_are_written_together_and_at_once(store: RunStore, tmp_path: Path) -> None:
    for number in range(MOST_WAITING):
        store.append(RUN, "a", number, Said("x"))
    other = RunStore(tmp_path / "runs")
    assert len(other.events(RUN, "a").events) == MOST_WAITING
    other.close()
