"""Aider as a command.

It commits nothing, runs no linter and no test, and keeps its histories out of the tree. Nothing keeps it from the
settings of the workspace, which may run commands and send the key elsewhere: so it does not see them. Where it finds no
repository (`/dev` is none) it looks for them nowhere else.

It is told no model: it spells them with their provider (`anthropic/...`), and knows no newer one without. It takes the
one that `AIDER_MODEL` names, or one that fits the key.
"""

from collections.abc import Mapping

from agent_server.settings import AgentProgram

PRESETS: Mapping[str, AgentProgram] = {
    "aider": AgentProgram(
        protocol="command",
        command=(
            "aider",
            "--message-file",
            "{prompt_file}",
            "--yes-always",
            "--no-git",
            "--no-auto-lint",
            "--no-auto-test",
            "--no-suggest-shell-commands",
            "--no-detect-urls",
            "--map-tokens",
            "0",
            "--chat-history-file",
            "/dev/null",
            "--input-history-file",
            "/dev/null",
            "--no-check-update",
            "--no-show-release-notes",
            "--no-show-model-warnings",
            "--analytics-disable",
            "--no-pretty",
            "--no-fancy-input",
        ),
        prompt="file",
        output="aider",
        variables=(
            "AIDER_MODEL",
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_BASE_URL",
            "DEEPSEEK_API_KEY",
            "GEMINI_API_KEY",
            "OPENAI_API_BASE",
            "OPENAI_API_KEY",
            "OPENROUTER_API_KEY",
        ),
        fixed={"GIT_DIR": "/dev"},
        unseen=(".env", ".aider.conf.yml", ".aider.model.settings.yml", ".aider.model.metadata.json"),
        install="pipx install aider-chat",
        login="Set the key of the model's provider, such as `ANTHROPIC_API_KEY`.",
    ),
}
