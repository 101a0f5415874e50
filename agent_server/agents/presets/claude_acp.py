"""Claude Code over the Agent Client Protocol, by the adapter `claude-agent-acp`.

The adapter starts in the mode that the user's own settings say, which may be one that never asks; so it is put into
`default`, where it asks before each write. Its tools read and write files, and there is no shell among them. Settings
of the workspace are left out, for their hooks are commands.
"""

from collections.abc import Mapping

from agent_server.settings import AgentProgram

PRESETS: Mapping[str, AgentProgram] = {
    "claude-acp": AgentProgram(
        protocol="acp",
        command=("claude-agent-acp",),
        variables=("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "CLAUDE_CODE_OAUTH_TOKEN"),
        logins=(".claude/.credentials.json",),
        mode="default",
        install="npm install -g @agentclientprotocol/claude-agent-acp",
        login="Log in with `claude`, or set `ANTHROPIC_API_KEY`.",
        fixed={"ANTHROPIC_MODEL": "{model}", "DISABLE_AUTOUPDATER": "1"},
        meta={
            "claudeCode": {
                "options": {
                    "tools": ["Read", "Write", "Edit", "Glob", "Grep"],
                    "settingSources": ["user"],
                    "strictMcpConfig": True,
                    "persistSession": False,
                }
            }
        },
    ),
}
