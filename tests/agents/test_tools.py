import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from agent_server.agents.backend import Denied, Event, ToolCall, ToolStatus
from agent_server.agents.files import ConfinedFiles
from agent_server.agents.tools import MAX_CHARACTERS, PLAYED, TOOLS, Toolbox
from agent_server.analysis.globs.path_sets import PathSet
from tests.agents.workbench import of_type


@pytest.fixture
def tools(workspace: Path, events: list[Event]) -> Toolbox:
    return Toolbox(ConfinedFiles(workspace, PathSet.of(["src/nav.tsx"])), events.append)


async def test_every_use_is_told_from_start_to_end(tools: Toolbox, events: list[Event]) -> None:
    answer = await tools.use("read", {"path": "./src/data.ts"})
    assert not answer.failed
    assert answer.text == "export const data = [];\n"
    assert events == [
        ToolCall("read", ("src/data.ts",), ToolStatus.STARTED),
        ToolCall("read", ("src/data.ts",), ToolStatus.DONE),
    ]


async def test_a_refusal_is_told_to_the_agent_and_to_the_run(tools: Toolbox, events: list[Event]) -> None:
    answer = await tools.use("write", {"path": "src/../src/data.ts", "content": "x"})
    assert answer.failed
    assert answer.text == "Refused: `src/data.ts`: it is not one of the files that this task may write."
    assert [(denied.kind, denied.path) for denied in of_type(events, Denied)] == [("write", "src/data.ts")]
    assert events[-1] == ToolCall("write", ("src/data.ts",), ToolStatus.FAILED)


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("shell", {"command": "ls"}, "There is no tool `shell`. There are read, write, edit, delete, list, search."),
        ("write", {"path": "src/nav.tsx"}, "`write` needs `content`."),
        ("read", {"path": "src/nav.tsx", "limit": 3}, "`read` takes `path`, `first_line`, `lines`, not `limit`."),
        ("read", {"path": 3}, "`path` must be a text."),
        ("read", {"path": "src/nav.tsx", "lines": True}, "`lines` must be a whole number, 1 or more."),
        ("list", {"depth": 0}, "`depth` must be a whole number, 1 or more."),
        ("read", {"path": "missing.ts"}, "`missing.ts` does not exist."),
        (
            "edit",
            {"path": "src/nav.tsx", "old": "", "new": "x"},
            "The text to replace is empty; to fill a file, use `write`.",
        ),
    ],
)
async def test_what_is_wrong_is_an_answer(tools: Toolbox, name: str, given: dict[str, Any], said: str) -> None:
    answer = await tools.use(name, given)
    assert answer.failed
    assert answer.text == said


async def test_a_part_of_a_file_can_be_read(tools: Toolbox, workspace: Path) -> None:
    (workspace / "long.txt").write_text("".join(f"{number}\n" for number in range(1, 10)))
    assert (await tools.use("read", {"path": "long.txt", "first_line": 3, "lines": 2})).text == "3\n4\n"
    assert (await tools.use("read", {"path": "long.txt", "first_line": 8})).text == "8\n9\n"
    assert (await tools.use("read", {"path": "long.txt", "first_line": 20})).text == "(The file has 9 lines.)"


async def test_a_long_answer_is_cut_and_says_so(tools: Toolbox, workspace: Path) -> None:
    (workspace / "long.txt").write_text("x" * (MAX_CHARACTERS + 1))
    answer = await tools.use("read", {"path": "long.txt"})
    assert answer.text.endswith(f"(Cut after {MAX_CHARACTERS:,} of {MAX_CHARACTERS + 1:,} characters.)")


async def test_a_session(tools: Toolbox, workspace: Path) -> None:
    assert (await tools.use("list", {})).text == "README.md\nsrc/"
    assert (await tools.use("search", {"pattern": "nav"})).text == "src/nav.tsx:1: export const nav = ['home'];"
    assert (await tools.use("search", {"pattern": "nowhere"})).text == "(Nothing found.)"
    assert (
        await tools.use("edit", {"path": "src/nav.tsx", "old": "home", "new": "wiki"})
    ).text == "Edited `src/nav.tsx`."
    assert (workspace / "src/nav.tsx").read_text() == "export const nav = ['wiki'];\n"
    assert (await tools.use("delete", {"path": "src/nav.tsx"})).text == "Deleted `src/nav.tsx`."
    assert (await tools.use("write", {"path": "src/nav.tsx", "content": ""})).text == "Created `src/nav.tsx`."
    assert (await tools.use("read", {"path": "src/nav.tsx"})).text == "(The file is empty.)"


async def test_a_write_that_has_begun_ends_before_the_agent_does(workspace: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    class SlowFiles(ConfinedFiles):
        def write(self, written: str, text: str) -> bool:
            begun.set()
            go_on.wait()
            return super().write(written, text)

    tools = Toolbox(SlowFiles(workspace, PathSet.of(["src/nav.tsx"])), lambda _: None)
    work = asyncio.create_task(tools.use("write", {"path": "src/nav.tsx", "content": "whole"}))
    await asyncio.to_thread(begun.wait)
    work.cancel()
    ended, _ = await asyncio.wait([work], timeout=0.05)
    assert not ended
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert (workspace / "src/nav.tsx").read_text() == "whole"


def test_the_tools_describe_themselves() -> None:
    for tool in TOOLS.values():
        assert tool.description.endswith(".")
        assert set(tool.schema["required"]) <= set(tool.schema["properties"])
        assert all(described["description"] for described in tool.schema["properties"].values())


@pytest.fixture
def wide(workspace: Path, events: list[Event]) -> Toolbox:
    return Toolbox(ConfinedFiles(workspace, PathSet.of(["src/**"])), events.append)


async def test_what_a_transcript_plays_makes_files_of_any_kind(wide: Toolbox, workspace: Path) -> None:
    for name, given in (
        ("put", {"path": "src/new/tool.sh", "content": "echo\r\n", "executable": True}),
        ("put", {"path": "src/data.ts", "base64": "AP8="}),
        ("link", {"path": "src/nav.tsx", "target": "/etc/passwd"}),
        ("put", {"path": "src/empty"}),
    ):
        assert not (await wide.use(name, given)).failed
    assert (workspace / "src/new/tool.sh").read_bytes() == b"echo\r\n"
    assert (workspace / "src/new/tool.sh").stat().st_mode & 0o111 == 0o111
    assert (workspace / "src/data.ts").read_bytes() == b"\x00\xff"
    assert (workspace / "src/nav.tsx").readlink() == Path("/etc/passwd")
    assert (workspace / "src/empty").read_bytes() == b""


async def test_a_file_takes_the_place_of_a_link_and_never_of_what_it_leads_to(
    wide: Toolbox, workspace: Path, tmp_path: Path
) -> None:
    (workspace / "src/alias").symlink_to("../../outside/secret.txt")
    (workspace / "src/folder").symlink_to("../../outside")
    assert not (await wide.use("put", {"path": "src/alias", "content": "mine"})).failed
    assert (workspace / "src/alias").read_text() == "mine"
    for name, given in (("put", {"path": "src/folder/new"}), ("link", {"path": "src/folder/new", "target": "x"})):
        assert (await wide.use(name, given)).failed
    assert [path.name for path in (tmp_path / "outside").iterdir()] == ["secret.txt"]
    assert (tmp_path / "outside/secret.txt").read_text() == "secret\n"


@pytest.mark.parametrize("given", [{"base64": "#"}, {"executable": 1}, {"content": None}])
async def test_what_a_transcript_spells_wrongly_is_an_answer(wide: Toolbox, given: dict[str, Any]) -> None:
    assert (await wide.use("put", {"path": "src/new", **given})).failed


async def test_no_model_is_offered_the_tools_of_transcripts() -> None:
    assert not TOOLS.keys() & PLAYED.keys()
