"""Write every file that is generated, or check that all of them are as they would be written.

    python -m protocol.generate            writes what has changed, removes what is no longer made
    python -m protocol.generate --check    changes nothing; exit status 1 if something is stale

Both refuse a model that is not in LSP's meta-model form. Generated files are committed, so that a reader and a build
need no generator. To generate something else, add a function to `GENERATORS`.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent_server.analysis.rules import RULES
from agent_server.plan.formats import FORMATS
from protocol import (
    format_places,
    lua_types,
    model,
    plan_places,
    pre_commit_hook,
    python_types,
    reference,
    typescript_types,
)
from protocol.rule_pages import page

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Generated:
    """Files, by their path below the root, and the folders that hold nothing but generated files."""

    files: Mapping[str, str]
    folders: tuple[str, ...] = ()


def rule_pages() -> Generated:
    """One page for each rule; the language server links diagnostics to them."""
    folder = "agent_server/analysis/rules/pages"
    return Generated({f"{folder}/{code}.md": page(rule) for code, rule in RULES.items()}, (folder,))


def python_messages() -> Generated:
    """The Python types of our own messages, for the server."""
    return Generated({"agent_server/lsp/messages.py": python_types.render(model.load())})


def typescript_messages() -> Generated:
    """The TypeScript types of our own messages, for the client for VS Code."""
    return Generated({"editor_clients/vscode/src/protocol.ts": typescript_types.render(model.load())})


def lua_messages() -> Generated:
    """The Lua annotations of our own messages, for the client for Neovim."""
    return Generated({"editor_clients/neovim/lua/agent_server/protocol.lua": lua_types.render(model.load())})


def message_reference() -> Generated:
    """The reference page of our own messages, for who writes a client."""
    return Generated({"protocol/reference.md": reference.render(model.load(), model.examples())})


def hook_for_pre_commit() -> Generated:
    """The definition of our hook for pre-commit, with the places where plans lie."""
    return Generated({".pre-commit-hooks.yaml": pre_commit_hook.render(FORMATS.globs)})


def table_of_formats() -> Generated:
    """What the server has to know of each format before its reader is imported."""
    return Generated({"agent_server/plan/formats/places.py": format_places.render()})


def places_of_plans() -> Generated:
    """Where plans lie, for the clients; in files that say more, the lines that say so."""
    manifest, languages = "editor_clients/vscode/package.json", "editor_clients/helix/languages.toml"
    return Generated(
        {
            "editor_clients/vscode/src/plans/places.ts": plan_places.typescript(),
            "editor_clients/neovim/lua/agent_server/places.lua": plan_places.lua(),
            "editor_clients/emacs/agent-server-places.el": plan_places.lisp(),
            manifest: plan_places.activation((ROOT / manifest).read_text("utf-8")),
            languages: plan_places.file_types((ROOT / languages).read_text("utf-8")),
        }
    )


Generator = Callable[[], Generated]

GENERATORS: tuple[Generator, ...] = (
    rule_pages,
    python_messages,
    typescript_messages,
    lua_messages,
    message_reference,
    table_of_formats,
    hook_for_pre_commit,
    places_of_plans,
)


def stale(root: Path, generated: Generated) -> dict[str, str | None]:
    """What would have to change below `root`: new contents by path, None for a file that nothing makes any more."""
    changed: dict[str, str | None] = {
        path: text for path, text in generated.files.items() if _read(root / path) != text
    }
    kept = (file for folder in generated.folders for file in (root / folder).glob("**/*") if file.is_file())
    orphans = {file.relative_to(root).as_posix() for file in kept} - set(generated.files)
    return {**changed, **dict.fromkeys(sorted(orphans))}


def write(root: Path, changes: Mapping[str, str | None]) -> None:
    """Carry the changes out."""
    for path, text in changes.items():
        file = root / path
        if text is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8", newline="")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = ArgumentParser(prog="python -m protocol.generate", description="Write or check generated files.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail if a file is stale")
    options = parser.parse_args(arguments)
    changes: dict[str, str | None] = {}
    try:
        for generator in GENERATORS:
            changes |= stale(ROOT, generator())
    except model.BadModel as error:
        print(f"protocol/agent-server.json is no good model:\n{error}")
        return 1
    if not options.check:
        write(ROOT, changes)
    for path, text in changes.items():
        print(f"{'stale' if options.check else 'removed' if text is None else 'written'}: {path}")
    if options.check and changes:
        print("Run `python -m protocol.generate` and commit what it writes.")
        return 1
    return 0


def _read(file: Path) -> str | None:
    try:
        return file.read_bytes().decode()
    except FileNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
