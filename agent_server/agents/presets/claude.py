"""Claude Code as a command.

Its tools read and write files, and there is no shell among them. `dontAsk` refuses what no rule allows, and the rules
allow the write set; that is early feedback to the agent, and the sandbox is what holds it. Its own `acceptEdits` lets a
redirection of a shell through, and its hooks let a call pass when they fail: neither is relied on.

Settings and MCP servers of the workspace are left out: their hooks and servers are commands, which would run with the
user's key, and without a question, since nobody is there to be asked. With them goes `CLAUDE.md`; the brief names it.
Without `CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC` it also asks the model for a title of each conversation.
"""

from collections.abc import Mapping

from agent_server.settings import AgentProgram

PRESETS: Mapping[str, AgentProgram] = {
    "claude": AgentProgram(
        protocol="command",
        command=(
            "claude",
            "-p",
            "--output-format",
            "stream-json",
            "--verbose",
            "--tools",
            "Read,Write,Edit,Glob,Grep",
            "--permission-mode",
            "dontAsk",
            "--allowedTools",
            "Read",
            "Glob",
            "Grep",
            "Edit(/{write})",
            "--setting-sources",
            "user",
            "--strict-mcp-config",
            "--no-session-persistence",
            "--model",
            "{model}",
        ),
        output="stream-json",
        variables=("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "CLAUDE_CODE_OAUTH_TOKEN"),
        logins=(".claude/.credentials.json",),
        fixed={"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1"},
        install="npm install -g @anthropic-ai/claude-code",
        login="Log in with `claude`, or set `ANTHROPIC_API_KEY`.",
    ),
}
