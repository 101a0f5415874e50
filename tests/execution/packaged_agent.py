"""A well-behaved agent, made with the agent side of the protocol's own package. Run by `python -c`."""

import asyncio
from pathlib import Path
from typing import Any

import acp
from acp.schema import PermissionOption, ToolCallLocation, ToolCallUpdate, Usage

OPTIONS = [
    PermissionOption(option_id="always", name="Always", kind="allow_always"),
    PermissionOption(option_id="yes", name="Yes", kind="allow_once"),
    PermissionOption(option_id="no", name="No", kind="reject_once"),
]


class Polite(acp.Agent):
    """Reads a file, and writes two by asking for each first; it writes only what it may."""

    def on_connect(self, conn: acp.Client) -> None:
        self._client = conn

    async def initialize(self, protocol_version: int, **_: Any) -> acp.InitializeResponse:
        return acp.InitializeResponse(protocol_version=protocol_version)

    async def new_session(self, cwd: str, **_: Any) -> acp.NewSessionResponse:
        self._cwd = Path(cwd)
        return acp.NewSessionResponse(session_id="one")

    async def prompt(self, session_id: str, **_: Any) -> acp.PromptResponse:
        await self._client.session_update(session_id, acp.update_agent_message_text("I begin"))
        readme = await self._client.read_text_file(session_id=session_id, path=str(self._cwd / "README.md"))
        for name in ("src/new.py", "src/main.py"):
            await self._write(session_id, name, f"# {readme.content}# {Path.cwd() == self._cwd}\n")
        await self._client.session_update(session_id, acp.update_agent_message_text("All is "))
        await self._client.session_update(session_id, acp.update_agent_message_text("done."))
        usage = Usage(total_tokens=1100, input_tokens=600, output_tokens=100, cached_read_tokens=400)
        return acp.PromptResponse(stop_reason="end_turn", usage=usage)

    async def _write(self, session_id: str, name: str, text: str) -> None:
        path = str(self._cwd / name)
        call = acp.start_edit_tool_call(f"call {name}", f"Write {name}", path, text)
        await self._client.session_update(session_id, call)
        asked = await self._client.request_permission(
            session_id=session_id,
            tool_call=ToolCallUpdate(tool_call_id=f"call {name}", locations=[ToolCallLocation(path=path)]),
            options=OPTIONS,
        )
        allowed = asked.outcome.outcome == "selected" and asked.outcome.option_id == "yes"
        if allowed:
            await self._client.write_text_file(session_id=session_id, path=path, content=text)
        status = "completed" if allowed else "failed"
        await self._client.session_update(session_id, acp.update_tool_call(f"call {name}", status=status))


asyncio.run(acp.run_agent(Polite()))
