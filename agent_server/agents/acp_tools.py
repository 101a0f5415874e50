"""The tool calls of an agent that speaks the Agent Client Protocol: what it says of them, and what it may.

An agent tells a call in pieces: it begins, then more is known of it, then it ends; and it may ask before. All of that
is its word. What holds it is the sandbox, so an answer here is early feedback and no guard.

Import this late, as `acp_session.py`: it loads the package.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from acp.schema import (
    AllowedOutcome,
    DeniedOutcome,
    PermissionOption,
    RequestPermissionResponse,
    ToolCallStart,
    ToolCallUpdate,
)

from agent_server.agents.backend import Denied, Emit, ToolCall, ToolStatus
from agent_server.agents.confinement import Confinement, FileError, Refused

_CHANGES = frozenset({"edit", "delete", "move"})
_HARMLESS = frozenset({"read", "search", "think", "fetch", "execute"})  # what these write is the sandbox's business
_OF_FILES = _CHANGES | {"read"}
_ENDS = {"completed": ToolStatus.DONE, "failed": ToolStatus.FAILED}
_MAX_PATHS = 100
_MAX_OPEN = 1_000  # calls that have begun and not ended; of more the oldest are forgotten

# Where agents name a file in a tool's own input, which is all that some tell.
_PATH_KEYS = ("file_path", "filePath", "filepath", "path", "notebook_path")


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of a tool call. `paths` are as the agent wrote them."""

    kind: str = "other"
    paths: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether its file is, or it has none."""
        return bool(self.paths) or self.kind not in _OF_FILES

    def merged(self, told: ToolCallStart | ToolCallUpdate) -> "Call":
        """This call, with what the agent tells of it now."""
        return replace(self, kind=told.kind or self.kind, paths=_paths(told) or self.paths)


class Calls:
    """The tool calls of one session, by their ids. `emit` hears of them; paths are told as the user knows them."""

    def __init__(self, tree: Confinement, emit: Emit) -> None:
        """See the class."""
        self._tree = tree
        self._emit = emit
        self._open: dict[str, Call] = {}

    def known(self, told: ToolCallStart | ToolCallUpdate) -> Call:
        """What is known of a call, with what is told now."""
        return self._open.get(told.tool_call_id, Call()).merged(told)

    def hear(self, told: ToolCallStart | ToolCallUpdate) -> None:
        """Take in what the agent tells of a call. It is told on when its file is known, if it has one, or at its end.

        A call that was never begun begins by being told of.
        """
        before, call, ends = self._open.get(told.tool_call_id), self.known(told), told.status in _ENDS
        self._open[told.tool_call_id] = call
        if len(self._open) > _MAX_OPEN:
            del self._open[next(iter(self._open))]
        if (ends or call.is_known) and (before is None or not before.is_known):
            self._emit(ToolCall(call.kind, self._shown(call), ToolStatus.STARTED))
        if ends:
            self._open.pop(told.tool_call_id, None)
            self._emit(ToolCall(call.kind, self._shown(call), _ENDS[told.status or ""]))

    def _shown(self, call: Call) -> tuple[str, ...]:
        return tuple(shown(self._tree, path) for path in call.paths)


def shown(tree: Confinement, path: str) -> str:
    """A path as the user knows it: relative to the root where it lies below it, else as the agent wrote it."""
    try:
        return "/".join(tree.normal(path)) or "."
    except Refused:
        return path


def may(call: Call, refused: Sequence[str]) -> bool:
    """Whether a call of this kind may be made at all. `refused` are kinds that this agent is to work without."""
    return call.kind in _CHANGES | _HARMLESS and call.kind not in refused


def refusals(call: Call, tree: Confinement) -> Iterator[Denied]:
    """Which of its paths a call may not change, and why. Looks at the disk: call it in a thread.

    A change that names no path is not refused: the harvest sees what it did.
    """
    if call.kind not in _CHANGES:
        return
    for path in call.paths:
        try:
            tree.writable(path, final_link=call.kind != "edit")
        except Refused as refusal:
            yield Denied(call.kind, refusal.path, refusal.reason)
        except FileError as error:
            yield Denied(call.kind, shown(tree, path), str(error))


def answer(options: Iterable[PermissionOption], *, allowed: bool) -> RequestPermissionResponse:
    """The option that says so, for this once if that is offered; where none does, the question is dropped."""
    offered = {option.kind: option.option_id for option in reversed(list(options))}
    for kind in ("allow_once", "allow_always") if allowed else ("reject_once", "reject_always"):
        if kind in offered:
            return RequestPermissionResponse(outcome=AllowedOutcome(option_id=offered[kind], outcome="selected"))
    return RequestPermissionResponse(outcome=DeniedOutcome(outcome="cancelled"))


def _paths(told: ToolCallStart | ToolCallUpdate) -> tuple[str, ...]:
    found = [location.path for location in told.locations or ()]
    found += [piece.path for piece in told.content or () if piece.type == "diff"]
    if not found and isinstance(told.raw_input, Mapping):
        found += _named_in(told.raw_input)
    return tuple(dict.fromkeys(found))[:_MAX_PATHS]


def _named_in(given: Mapping[str, Any]) -> Iterator[str]:
    yield from (given[key] for key in _PATH_KEYS if isinstance(given.get(key), str))
