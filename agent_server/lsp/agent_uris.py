"""The URIs of documents that are made up when read: `agent-server:/brief/<plan>/<task>.brief.md?root=<folder>`.

The last segment is what an editor shows on the tab and colours by, so it says what there is to read of the task.
Everything is percent-encoded, and read so that a client may decode and encode it anew, as VS Code does: it leaves no
character of a query as it was, not even the `=`. A URI only says what is wanted. Whether there is such a thing, and
whether this client may see it, is for who reads it.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

SCHEME = "agent-server"

_PAGE = ".md"
_ROOT = "root="


@dataclass(frozen=True, slots=True)
class BriefUri:
    """What a task's agent would be sent. `plan` is the plan's name in its workspace."""

    root: Path
    plan: str
    task: str


@dataclass(frozen=True, slots=True)
class TranscriptUri:
    """What a task's agent did in a run."""

    root: Path
    run: str
    task: str


@dataclass(frozen=True, slots=True)
class ChangesUri:
    """What a task's agent would change, file by file."""

    root: Path
    run: str
    task: str


@dataclass(frozen=True, slots=True)
class ProposedUri:
    """What a task's agent would make of one file. `path` is relative to the workspace."""

    root: Path
    run: str
    task: str
    path: str


@dataclass(frozen=True, slots=True)
class BaseUri:
    """What a task's agent started from in one file: the other side of its diff."""

    root: Path
    run: str
    task: str
    path: str


AgentUri = BriefUri | TranscriptUri | ChangesUri | ProposedUri | BaseUri


def uri_of(wanted: AgentUri) -> str:
    """The URI of a document."""
    match wanted:
        case BriefUri(_, plan, task):
            path = f"brief/{_encoded(plan)}/{_task(task)}.brief{_PAGE}"
        case TranscriptUri(_, run, task):
            path = f"transcript/{_segment(run)}/{_task(task)}.transcript{_PAGE}"
        case ChangesUri(_, run, task):
            path = f"changes/{_segment(run)}/{_task(task)}.changes{_PAGE}"
        case ProposedUri(_, run, task, file):
            path = f"proposed/{_segment(run)}/{_task(task)}/{_encoded(file)}"
        case BaseUri(_, run, task, file):
            path = f"base/{_segment(run)}/{_task(task)}/{_encoded(file)}"
    return f"{SCHEME}:/{path}?{_ROOT}{_segment(str(wanted.root))}"


def parsed(uri: str) -> AgentUri | None:
    """What a URI wants, however it is encoded; None where it is none of ours."""
    before, _, query = uri.partition("#")[0].partition("?")
    scheme, _, path = before.partition(":")
    try:
        root = _root_of(query)
        kind, _, rest = _decoded(path).lstrip("/").partition("/")
    except UnicodeEncodeError:  # half of a surrogate pair
        return None
    if scheme.lower() != SCHEME or root is None or not rest:
        return None
    return _wanted(kind, rest, root)


def _wanted(kind: str, rest: str, root: Path) -> AgentUri | None:
    if kind in ("proposed", "base"):
        run, task, path = [*rest.split("/", 2), "", ""][:3]
        side = ProposedUri if kind == "proposed" else BaseUri
        return side(root, run, _decoded(task), path) if path else None
    owner, _, page = rest.rpartition("/")
    task = page.removesuffix(f".{kind}{_PAGE}")
    if not owner or task == page:
        return None
    task = _decoded(task)
    match kind:
        case "brief":
            return BriefUri(root, owner, task)
        case "transcript":
            return TranscriptUri(root, owner, task)
        case "changes":
            return ChangesUri(root, owner, task)
        case _:
            return None


def _root_of(query: str) -> Path | None:
    """The workspace that a query names: all behind `root=`, so that no character of a path can end it."""
    if query.startswith(_ROOT):
        return Path(_decoded(query.removeprefix(_ROOT)))
    whole = _decoded(query)
    return Path(whole.removeprefix(_ROOT)) if whole.startswith(_ROOT) else None


def _encoded(path: str) -> str:
    return quote(os.fsencode(path))


def _segment(text: str) -> str:
    return quote(os.fsencode(text), safe="")


def _task(task: str) -> str:
    """A task's id as one segment. What would end it, or lead to another one, is encoded once more than all else."""
    escaped = task.replace("%", "%25").replace("/", "%2F")
    return _segment(escaped.replace(".", "%2E") if not escaped.strip(".") else escaped)


def _decoded(text: str) -> str:
    return os.fsdecode(unquote_to_bytes(text))
