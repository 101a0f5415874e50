"""Codex over the Agent Client Protocol, by the adapter `codex-acp`.

Its own sandbox is off, for it cannot be made within ours, and without it no other mode lets Codex so much as read a
file. So it never asks, and is told nothing early: what it wrote outside its files is found at the end. In that mode it
trusts the workspace, and would start the MCP servers that are configured there: so it does not see them.
"""

from collections.abc import Mapping

from agent_server.settings import AgentProgram

PRESETS: Mapping[str, AgentProgram] = {
    "codex-acp": AgentProgram(
        protocol="acp",
        command=("codex-acp",),
        variables=("CODEX_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
        logins=(".codex/auth.json",),
        mode="agent-full-access",
        unseen=(".codex",),
        install="npm install -g @agentclientprotocol/codex-acp",
        login="Log in with `codex login`, or set `OPENAI_API_KEY`.",
        fixed={"NO_BROWSER": "1"},
    ),
}
