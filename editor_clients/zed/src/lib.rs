//! Starts Agent Server in Zed, which runs no language server that no extension names.

use zed_extension_api as zed;

struct AgentServer;

impl zed::Extension for AgentServer {
    fn new() -> Self {
        Self
    }

    /// The `agent-server` that the project's shell finds, in that shell's environment, where the key is.
    fn language_server_command(
        &mut self,
        _: &zed::LanguageServerId,
        worktree: &zed::Worktree,
    ) -> zed::Result<zed::Command> {
        let command = worktree.which("agent-server").ok_or(
            "`agent-server` is not on your PATH. Install it, or set `lsp.agent-server.binary` in your settings.",
        )?;
        Ok(zed::Command {
            command,
            args: vec!["lsp".to_string()],
            env: worktree.shell_env(),
        })
    }
}

zed::register_extension!(AgentServer);
