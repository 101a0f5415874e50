"""GitHub Copilot CLI, which speaks the Agent Client Protocol itself.

It asks before it writes and before it runs a command, as long as nobody allows it all. Where that is refused, it takes
it for a person who wants it to stop. It would run hooks of the workspace, trusted or not: it does not see them, nor
what else there may start a program.
"""

from collections.abc import Mapping

from agent_server.settings import AgentProgram

PRESETS: Mapping[str, AgentProgram] = {
    "copilot": AgentProgram(
        protocol="acp",
        command=("copilot", "--acp", "--no-auto-update", "--no-ask-user", "--disable-builtin-mcps"),
        variables=(
            "COPILOT_GITHUB_TOKEN",
            "GH_TOKEN",
            "GITHUB_TOKEN",
            "COPILOT_MODEL",
            "COPILOT_PROVIDER_BASE_URL",
            "COPILOT_PROVIDER_TYPE",
            "COPILOT_PROVIDER_API_KEY",
        ),
        logins=(".copilot/config.json",),
        unseen=(
            ".github/copilot",
            ".github/extensions",
            ".github/hooks",
            ".github/lsp.json",
            ".github/mcp.json",
            ".copilot",
            ".claude/settings.json",
            ".claude/settings.local.json",
            ".mcp.json",
            ".vscode/mcp.json",
        ),
        install="npm install -g @github/copilot",
        login="Log in with `copilot login`, or set `COPILOT_GITHUB_TOKEN`.",
        breaks_off=True,
        fixed={"COPILOT_ALLOW_ALL": "false"},
    ),
}
