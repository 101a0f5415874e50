"""OpenCode, which speaks the Agent Client Protocol itself.

Its modes say which tools there are, and not when it asks; so it is told by variables to ask before each edit, and to
go on where one is refused. What the workspace configures is left out, for plugins are programs; its folder of plugins
and tools is read all the same, and so is kept from it.
"""

from collections.abc import Mapping

from agent_server.settings import AgentProgram

PRESETS: Mapping[str, AgentProgram] = {
    "opencode": AgentProgram(
        protocol="acp",
        command=("opencode", "acp", "--pure"),
        variables=("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY", "OPENCODE_API_KEY"),
        logins=(".local/share/opencode/auth.json", ".config/opencode/opencode.json"),
        unseen=(
            "opencode.json",
            "opencode.jsonc",
            ".opencode/opencode.json",
            ".opencode/opencode.jsonc",
            ".opencode/package.json",
            ".opencode/plugin",
            ".opencode/plugins",
            ".opencode/tool",
            ".opencode/tools",
        ),
        install="npm install -g opencode-ai",
        login="Log in with `opencode auth login`.",
        fixed={
            "OPENCODE_PERMISSION": '{"edit":"ask","external_directory":"deny"}',
            "OPENCODE_CONFIG_CONTENT": '{"experimental":{"continue_loop_on_deny":true}}',
            "OPENCODE_DISABLE_PROJECT_CONFIG": "1",
            "OPENCODE_DISABLE_AUTOUPDATE": "1",
        },
    ),
}
