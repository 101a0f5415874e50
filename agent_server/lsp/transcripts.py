"""What an agent did, in words: as short texts for a client that draws them, and as a page for one that shows documents.

What agents say and where they wrote is theirs: it stands in quotes or in code spans, so that it cannot pass for ours.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from agent_server.agents.backend import Denied, Event, Retrying, Said, ToolCall, ToolStatus, Used
from agent_server.execution.changes.changes import Change
from agent_server.execution.records.event_log import LoggedEvent
from agent_server.execution.records.record import RunRecord
from agent_server.lsp.agent_uris import ProposedUri, uri_of
from agent_server.lsp.markdown import code, sentence
from agent_server.lsp.run_state import FILE_CHANGES
from agent_server.plan.visible import visible, visible_lines

MOST_SHOWN = 1_000_000
"""How many characters of a transcript a page holds, about. Of a longer one it holds the end."""

_LONGEST_SAID = 200_000
_SHORT = 80  # characters of an event that is no speech, or of what stands round one


def event_words(event: Event) -> tuple[str, str]:
    """An event's kind (`said`, `tool`, `denied`, `used`, `retrying`) and its text, for a client that draws it."""
    match event:
        case Said(text):
            return "said", visible_lines(text)
        case ToolCall(kind, paths, status):
            return "tool", visible(f"{' '.join((kind, *paths))} ({status.value})")
        case Denied(kind, path, reason):
            return "denied", visible(f"{kind} {path}: {reason}")
        case Retrying(attempt, reason):
            return "retrying", visible(f"attempt {attempt}: {reason}")
        case Used():
            return "used", _tokens(event)


def transcript(record: RunRecord, task: str, events: Iterable[LoggedEvent]) -> str:
    """The page of what one agent did, in Markdown. `task` is one of the record's."""
    latest, left_out = _latest(events)
    parts = [*_heading("Transcript", record, task)]
    if left_out:
        parts.append(f"The first {left_out:,} entries are left out.")
    entries = [f"{_clock(logged.at)} {_entry(logged.event)}\n" for logged in latest]
    parts.append("\n".join(entries) if entries else "Nothing has happened yet.")
    message = record.tasks[task].message
    if message:
        parts.append(f"Ended: {sentence(visible(message))}")
    return "\n\n".join(parts) + "\n"


def changes_page(
    root: Path, record: RunRecord, task: str, changes: Iterable[Change], undeclared: Iterable[Change] = ()
) -> str:
    """The page of what one agent would change in the workspace at `root`, in Markdown: a link to each proposed file."""
    lines = [_change_line(root, record.id, task, change) for change in changes]
    outside = {change.path: _change_line(root, record.id, task, change) for change in undeclared}
    # What was only tried was refused, so there is nothing to show of it.
    refused = [f"- {code(visible(path))}" for path in record.tasks[task].undeclared if path not in outside]
    parts = [*_heading("Changes", record, task), "\n".join(lines) if lines else "No file is changed."]
    if outside or refused:
        told = "\n".join((*outside.values(), *refused))
        parts.append(f"Outside its declared files, and never landed:\n\n{told}")
    return "\n\n".join(parts) + "\n"


def _change_line(root: Path, run: str, task: str, change: Change) -> str:
    shown = uri_of(ProposedUri(root, run, task, change.path))
    return f"- {FILE_CHANGES[change.kind]} [{code(visible(change.path))}]({shown})"


def _heading(what: str, record: RunRecord, task: str) -> Iterator[str]:
    approval = record.approval
    yield f"# {what} of {code(task)}"
    yield (
        f"{approval.part.capitalize()} of {code(visible(approval.plan))}, run {code(record.id)}: "
        f"{record.tasks[task].state.word}."
    )


def _latest(events: Iterable[LoggedEvent]) -> tuple[Iterable[LoggedEvent], int]:
    """The last events, as many as are shown, and how many there are before them. Holds no more than those."""
    latest: deque[LoggedEvent] = deque()
    room, left_out = MOST_SHOWN, 0
    for logged in events:
        if isinstance(logged.event, ToolCall) and logged.event.status is ToolStatus.DONE:
            continue  # the start of the call was shown, and said the same
        latest.append(logged)
        room -= _length(logged.event)
        while room < 0 and len(latest) > 1:
            room += _length(latest.popleft().event)
            left_out += 1
    return latest, left_out


def _length(event: Event) -> int:
    """About how many characters an event is shown in."""
    return min(len(event.text), _LONGEST_SAID) + _SHORT if isinstance(event, Said) else _SHORT


def _entry(event: Event) -> str:
    """What one event is shown as, behind its time."""
    match event:
        case Said(text):
            return f"says\n\n{_quoted(text)}"
        case ToolCall(kind, paths, status):
            words = " ".join((code(visible(kind)), *(code(visible(path)) for path in paths)))
            return f"{words} failed" if status is ToolStatus.FAILED else words
        case Denied(kind, path, reason):
            return f"was refused {code(visible(kind))} {code(visible(path))}: {sentence(visible(reason))}"
        case Retrying(attempt, reason):
            return f"tries again, attempt {attempt}: {sentence(visible(reason))}"
        case Used():
            return f"used {_tokens(event)}"


def _quoted(text: str) -> str:
    """What somebody said, as a block quote: nothing in it, not even an open fence, reaches beyond it."""
    cut = text[:_LONGEST_SAID]
    lines = [f"> {line}".rstrip() for line in visible_lines(cut).split("\n")]
    if len(text) > len(cut):
        lines.append(f"\n{len(text) - len(cut):,} more characters are left out.")
    return "\n".join(lines)


def _tokens(used: Used) -> str:
    return f"{used.input_tokens:,} tokens in, {used.output_tokens:,} out"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"**{minutes}:{rest:02}**"
