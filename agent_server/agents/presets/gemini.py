"""Gemini CLI, which speaks the Agent Client Protocol itself, and writes files through it.

In the mode `default` it asks before it writes and before it runs a command. Where its user trusts all folders, it
starts what the workspace configures, hooks and MCP servers, with the key: so it does not see that.
"""

from collections.abc import Mapping

from agent_server.settings import AgentProgram

PRESETS: Mapping[str, AgentProgram] = {
    "gemini": AgentProgram(
        protocol="acp",
        command=("gemini", "--acp"),
        variables=(
            "GEMINI_API_KEY",
            "GOOGLE_API_KEY",
            "GOOGLE_CLOUD_PROJECT",
            "GOOGLE_CLOUD_LOCATION",
            "GOOGLE_GEMINI_BASE_URL",
        ),
        logins=(".gemini/oauth_creds.json", ".gemini/google_accounts.json", ".gemini/settings.json"),
        mode="default",
        unseen=(".env", ".gemini/.env", ".gemini/extensions", ".gemini/settings.json"),
        install="npm install -g @google/gemini-cli",
        login="Log in with `gemini`, or set `GEMINI_API_KEY`.",
    ),
}
