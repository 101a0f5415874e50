"""The tools that an agent of ours works with, described once, for a model and for a recorded transcript alike.

There is no shell among them: an agent reads the workspace and writes its own files, and that is all.
"""

import asyncio
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent_server.agents.backend import Denied, Emit, ToolCall, ToolStatus
from agent_server.agents.confinement import FileError, Refused
from agent_server.agents.files import ConfinedFiles

MAX_CHARACTERS = 60_000
"""The longest answer of a tool, in code points."""

Input = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `schema` is the JSON schema of its input, `use` does the work and returns what the agent reads.

    `changes`: it writes. `path` of the input, where there is one, is the path it touches.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    use: Callable[[ConfinedFiles, Input], str]
    changes: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool says to the agent. `failed`: it did not do what was asked."""

    text: str
    failed: bool = False


class Toolbox:
    """The tools over one tree. What happens is told to `emit`; each call, before it runs, to `on_call`."""

    def __init__(self, files: ConfinedFiles, emit: Emit, on_call: Callable[[str, Input], None] | None = None) -> None:
        """See the class."""
        self.emit = emit
        self._files = files
        self._on_call = on_call

    async def use(self, name: str, given: Input) -> Answer:
        """Use a tool. Whatever goes wrong is an answer that the agent can act on, and never names a host path.

        When the awaiting task is cancelled, a write that has begun is still brought to its end first, so that nothing
        is written after an agent has stopped.
        """
        if self._on_call is not None:
            self._on_call(name, given)
        paths = self._paths(given)
        self.emit(ToolCall(name, paths, ToolStatus.STARTED))
        answer = await self._answer(name, given)
        self.emit(ToolCall(name, paths, ToolStatus.FAILED if answer.failed else ToolStatus.DONE))
        return answer

    async def _answer(self, name: str, given: Input) -> Answer:
        tool = TOOLS.get(name) or PLAYED.get(name)
        if tool is None:
            return Answer(f"There is no tool `{name}`. There are {', '.join(TOOLS)}.", failed=True)
        if wrong := _wrong_input(tool, given):
            return Answer(wrong, failed=True)
        try:
            return Answer(_cut(await self._run(tool, given)))
        except Refused as refusal:
            self.emit(Denied(name, refusal.path, refusal.reason))
            return Answer(f"Refused: `{refusal.path}`: {refusal.reason}.", failed=True)
        except FileError as error:
            return Answer(f"{error}.", failed=True)

    async def _run(self, tool: Tool, given: Input) -> str:
        work = asyncio.ensure_future(asyncio.to_thread(tool.use, self._files, given))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            if tool.changes:
                await asyncio.wait([work])
            raise

    def _paths(self, given: Input) -> tuple[str, ...]:
        path = given.get("path")
        return (self._files.shown(path),) if isinstance(path, str) else ()


def _read(files: ConfinedFiles, given: Input) -> str:
    text = files.read(given["path"])
    first, count = given.get("first_line", 1), given.get("lines")
    if first == 1 and count is None:
        return text or "(The file is empty.)"
    lines = text.splitlines(keepends=True)
    last = len(lines) if count is None else first - 1 + count
    return "".join(lines[first - 1 : last]) or f"(The file has {len(lines)} lines.)"


def _write(files: ConfinedFiles, given: Input) -> str:
    new = files.write(given["path"], given["content"])
    return f"{'Created' if new else 'Wrote'} `{files.shown(given['path'])}`."


def _edit(files: ConfinedFiles, given: Input) -> str:
    files.edit(given["path"], given["old"], given["new"])
    return f"Edited `{files.shown(given['path'])}`."


def _delete(files: ConfinedFiles, given: Input) -> str:
    files.delete(given["path"])
    return f"Deleted `{files.shown(given['path'])}`."


def _put(files: ConfinedFiles, given: Input) -> str:
    try:
        data = b64decode(given["base64"], validate=True) if "base64" in given else given.get("content", "").encode()
    except ValueError:
        raise FileError("What the file shall hold cannot be read") from None
    files.put(given["path"], data, executable=given.get("executable", False))
    return f"Wrote `{files.shown(given['path'])}`."


def _link(files: ConfinedFiles, given: Input) -> str:
    files.link(given["path"], given["target"])
    return f"Made the link `{files.shown(given['path'])}`."


def _list(files: ConfinedFiles, given: Input) -> str:
    found = files.entries(given.get("path", "."), given.get("depth", 1))
    end = "\n(There is more; list a directory below.)" if found.cut else ""
    return "\n".join(found.paths) + end or "(The directory is empty.)"


def _search(files: ConfinedFiles, given: Input) -> str:
    found = files.search(given["pattern"], given.get("path", "."))
    end = "\n(There is more; search for something narrower, or in a directory below.)" if found.cut else ""
    return "\n".join(f"{line.path}:{line.number}: {line.text}" for line in found.lines) + end or "(Nothing found.)"


def _schema(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> dict[str, Any]:
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


def _text(description: str) -> dict[str, str]:
    return {"type": "string", "description": description}


def _number(description: str) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "description": description}


_TEXT = {"type": "string"}
_PATH = _text("Relative to the workspace root.")
_DIRECTORY = _text("A directory, relative to the workspace root. The root itself if left out.")

TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool(
            "read",
            "Read a text file. Long files are cut: ask for the part you need by line numbers.",
            _schema(
                {"path": _PATH},
                {
                    "first_line": _number("The first line wanted, counted from 1."),
                    "lines": _number("How many lines are wanted."),
                },
            ),
            _read,
        ),
        Tool(
            "write",
            "Write a whole text file, new or existing, with the directories it needs. Only the files of your task.",
            _schema({"path": _PATH, "content": _text("Everything that the file shall hold.")}),
            _write,
            changes=True,
        ),
        Tool(
            "edit",
            "Replace one passage of a text file. Only the files of your task.",
            _schema(
                {
                    "path": _PATH,
                    "old": _text("The passage as it stands, character by character. It must occur exactly once."),
                    "new": _text("What shall stand there instead."),
                }
            ),
            _edit,
            changes=True,
        ),
        Tool("delete", "Delete a file. Only the files of your task.", _schema({"path": _PATH}), _delete, changes=True),
        Tool(
            "list",
            "List a directory: a final `/` marks a directory, a final `@` a symbolic link. "
            "What Git ignores is not entered unless it is asked for.",
            _schema({}, {"path": _DIRECTORY, "depth": _number("How many levels deep; 1 if left out.")}),
            _list,
        ),
        Tool(
            "search",
            "Find the lines that a regular expression (Python's dialect) matches, in one file or below a directory. "
            "What Git ignores is left out.",
            _schema(
                {"pattern": _text("Matched within single lines.")},
                {"path": _text("A file or a directory, relative to the workspace root. The root if left out.")},
            ),
            _search,
        ),
    )
}
"""All tools, by name."""

PLAYED: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool(
            "put",
            "Make a file of a text, or of the bytes that a text in Base64 spells.",
            _schema({"path": _PATH}, {"content": _TEXT, "base64": _TEXT, "executable": {"type": "boolean"}}),
            _put,
            changes=True,
        ),
        Tool(
            "link",
            "Make a symbolic link.",
            _schema({"path": _PATH, "target": _TEXT}),
            _link,
            changes=True,
        ),
    )
}
"""Tools that no model is offered: transcripts of programs hold them, to make again the files that those made."""


def _wrong_input(tool: Tool, given: Input) -> str:
    """What is wrong with the input, in words for the agent; empty when it fits the schema."""
    properties: Mapping[str, Mapping[str, Any]] = tool.schema["properties"]
    if missing := [name for name in tool.schema["required"] if name not in given]:
        return f"`{tool.name}` needs {_named(missing)}."
    if unknown := [name for name in given if name not in properties]:
        return f"`{tool.name}` takes {_named(list(properties))}, not {_named(unknown)}."
    for name, value in given.items():
        if properties[name]["type"] == "string" and not isinstance(value, str):
            return f"`{name}` must be a text."
        if properties[name]["type"] == "boolean" and not isinstance(value, bool):
            return f"`{name}` must be true or false."
        if properties[name]["type"] == "integer" and (type(value) is not int or value < 1):
            return f"`{name}` must be a whole number, 1 or more."
    return ""


def _named(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cut(text: str) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    return f"{text[:MAX_CHARACTERS]}\n(Cut after {MAX_CHARACTERS:,} of {len(text):,} characters.)"
