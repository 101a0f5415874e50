"""Codex as a command.

Its own sandbox is off: ours holds it, and within ours it could not make one on every host. It has a shell. It is told
no model: the `models` of the settings are Anthropic's where nobody says otherwise, and Codex has its own default. What
the workspace configures it does not see: hooks and MCP servers are commands.
"""

from collections.abc import Mapping

from agent_server.settings import AgentProgram

PRESETS: Mapping[str, AgentProgram] = {
    "codex": AgentProgram(
        protocol="command",
        command=(
            "codex",
            "exec",
            "--json",
            "--ephemeral",
            "--skip-git-repo-check",
            "--ignore-rules",
            "--dangerously-bypass-approvals-and-sandbox",
            "-",
        ),
        output="codex-json",
        variables=("CODEX_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
        logins=(".codex/auth.json",),
        unseen=(".codex",),
        install="npm install -g @openai/codex",
        login="Log in with `codex login`, or set `CODEX_API_KEY`.",
    ),
}
