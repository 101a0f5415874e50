"""Where plans lie, for the clients: the globs of all formats, in the form that each editor asks for.

An editor has to know it before there is a server, to start none for other files. It is taken from the formats' own
files, so that a new format needs no line in any client. Globs are spelled out without braces: not all editors read
them.
"""

import json
import re
from textwrap import indent

from agent_server.plan.formats import FORMATS
from agent_server.plan.formats.patterns import spellings

_ORIGIN = "Generated from `agent_server/plan/formats/` by `python -m protocol.generate`."
_ACTIVATION = re.compile(r'(?<="activationEvents": \[\n).*?(?=^  \],$)', re.DOTALL | re.MULTILINE)
_FILE_TYPES = re.compile(r"(?<=^file-types = \[\n).*?(?=^\]$)", re.DOTALL | re.MULTILINE)
_WILD = re.compile(r"\*\*/\*|\*\*/|\*\*|\*|\?")
_AS_REGEXP = {"**/*": ".*", "**/": "\\(?:.*/\\)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_NO_MARKDOWN = (".json", ".jsonl")


def globs() -> tuple[str, ...]:
    """Where plans of all formats lie."""
    return tuple(dict.fromkeys(each for glob in FORMATS.globs for each in spellings(glob)))


def typescript() -> str:
    """The module `plans/places.ts` of the client for VS Code."""
    lines = "".join(f"  {json.dumps(each)},\n" for each in globs())
    return f"// Where plans lie. {_ORIGIN}\n\nexport const PLACES: readonly string[] = [\n{lines}];\n"


def lua() -> str:
    """The module `agent_server.places` of the client for Neovim. No case counts there, so all is in lower case."""
    lines = "".join(f"  {json.dumps(each.lower())},\n" for each in globs())
    return f"-- Where plans lie, in lower case. {_ORIGIN}\n\n---@type string[]\nreturn {{\n{lines}}}\n"


def lisp() -> str:
    """The library `agent-server-places` of the client for Emacs, which knows files by regular expressions."""
    markdown = [each for each in globs() if not each.endswith(_NO_MARKDOWN)]
    other = [each for each in globs() if each.endswith(_NO_MARKDOWN)]
    return "\n".join(
        (
            ";;; agent-server-places.el --- Where plans lie  -*- lexical-binding: t; -*-",
            "",
            ";; SPDX-License-Identifier: Apache-2.0",
            "",
            ";;; Commentary:",
            "",
            f";; {_ORIGIN}",
            "",
            ";;; Code:",
            "",
            *_constant("agent-server-places", markdown, "Regular expressions for the files of plans in Markdown."),
            "",
            *_constant("agent-server-json-places", other, "Regular expressions for the files of plans in JSON."),
            "",
            "(provide 'agent-server-places)",
            ";;; agent-server-places.el ends here",
            "",
        )
    )


def activation(manifest: str) -> str:
    """The manifest of the client for VS Code, which starts the extension in a workspace that may hold plans."""
    events = ["onWebviewPanel:agentServer.run", "workspaceContains:agent-server.toml"]
    events += [f"workspaceContains:{each}" for each in globs()]
    return _ACTIVATION.sub(lambda _: ",\n".join(f"    {json.dumps(each)}" for each in events) + "\n", manifest)


def file_types(languages: str) -> str:
    """The `languages.toml` of the client for Helix, whose globs match the end of a path; plans there are Markdown."""
    markdown = [each.removeprefix("**/") for each in globs() if not each.endswith(_NO_MARKDOWN)]
    return _FILE_TYPES.sub(
        lambda _: indent("".join(f"{{ glob = {json.dumps(each)} }},\n" for each in markdown), "  "), languages
    )


def _constant(name: str, places: list[str], meaning: str) -> list[str]:
    first, *rest = [json.dumps(_regexp(each)) for each in places]
    lines = [f"(defconst {name}", f"  '({first}", *(f"    {each}" for each in rest)]
    return [*lines[:-1], f"{lines[-1]})", f'  "{meaning}")']


def _regexp(glob: str) -> str:
    """A regular expression of Emacs for a glob, for the whole or the end of a path."""
    found, at = [], 0
    bare = glob.removeprefix("**/")
    for wild in _WILD.finditer(bare):
        found += [_literal(bare[at : wild.start()]), _AS_REGEXP[wild[0]]]
        at = wild.end()
    return f"\\(?:\\`\\|/\\){''.join(found)}{_literal(bare[at:])}\\'"


def _literal(text: str) -> str:
    return re.sub(r"[.+\[\]^$\\]", r"\\\g<0>", text)
