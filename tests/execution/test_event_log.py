"""The log of a run, page by page."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_server.agents.backend import Denied, Event, Retrying, Said, ToolCall, ToolStatus, Used
from agent_server.execution import event_log
from agent_server.execution.event_log import EventPage, log_line, read_page

EVENTS = st.one_of(
    st.builds(Said, st.text()),
    st.builds(ToolCall, st.text(), st.lists(st.text()).map(tuple), st.sampled_from(ToolStatus)),
    st.builds(Denied, st.text(), st.text(), st.text()),
    st.builds(Used, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)),
    st.builds(Retrying, st.integers(1, 9), st.text()),
)


def pages(log: Path, task: str) -> list[EventPage]:
    found = [read_page(log, task)]
    while not found[-1].at_end:
        found.append(read_page(log, task, found[-1].next))
    return found


def texts(page: EventPage) -> list[str]:
    return [logged.event.text for logged in page.events if isinstance(logged.event, Said)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happened=st.lists(st.tuples(st.sampled_from("ab"), EVENTS)), size=st.integers(1, 200))
def test_pages_of_any_size_hold_each_event_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, happened: list[tuple[str, Event]], size: int
) -> None:
    monkeypatch.setattr(event_log, "PAGE", size)
    log = tmp_path / "log"
    log.write_text("".join(log_line(task, 1.5, event) for task, event in happened), "utf-8")
    read = [logged.event for page in pages(log, "a") for logged in page.events]
    assert read == [event for task, event in happened if task == "a"]


def test_a_page_of_a_long_log_is_short(tmp_path: Path) -> None:
    log = tmp_path / "log"
    line = log_line("a", 0, Said("x" * 1_000))
    log.write_text(line * 4_000, "utf-8")
    first = read_page(log, "a")
    assert not first.at_end
    assert first.next <= event_log.PAGE + len(line)
    assert sum(len(page.events) for page in pages(log, "a")) == 4_000


def test_what_is_still_being_written_comes_whole_with_the_next_page(tmp_path: Path) -> None:
    log = tmp_path / "log"
    whole, half = log_line("a", 0, Said("first")), log_line("a", 1, Said("second"))
    log.write_text(whole + half[:20], "utf-8")
    page = read_page(log, "a")
    assert (texts(page), page.at_end, page.next) == (["first"], True, len(whole))
    with log.open("a", encoding="utf-8") as file:
        file.write(half[20:])
    assert texts(read_page(log, "a", page.next)) == ["second"]


@pytest.mark.parametrize(
    "line", ["", "{", "7", "[]", '{"task": "a"}', '{"task": "a", "at": {}, "event": "said"}', '{"task": "a", "at": 1}']
)
def test_a_line_that_cannot_be_read_is_left_out(tmp_path: Path, line: str) -> None:
    log = tmp_path / "log"
    log.write_text(f"{line}\n{log_line('a', 0, Said('sound'))}", "utf-8")
    assert texts(read_page(log, "a")) == ["sound"]


def test_a_line_of_any_length_is_left_out_without_being_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "_LONGEST_LINE", 100)
    log = tmp_path / "log"
    long, short = log_line("a", 0, Said("x" * 1_000)), log_line("a", 0, Said("short"))
    log.write_text(long + short + long, "utf-8")
    page = read_page(log, "a")
    assert (texts(page), page.next, page.at_end) == (["short"], log.stat().st_size, True)


def test_a_start_within_a_line_or_behind_the_end_does_no_harm(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(log_line("a", 0, Said("first")) + log_line("a", 0, Said("second")), "utf-8")
    assert texts(read_page(log, "a", 3)) == ["second"]
    assert read_page(log, "a", 1 << 40).events == ()


def test_a_run_without_a_log_has_no_events(tmp_path: Path) -> None:
    assert read_page(tmp_path / "log", "a") == EventPage((), 0, at_end=True)
