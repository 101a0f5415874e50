"""What a client can do, as far as it changes what it is sent."""

from dataclasses import dataclass
from typing import Any

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder, get_capability

from agent_server.plan.text import Encoding


@dataclass(frozen=True, slots=True)
class Client:
    """A client's abilities; the defaults are those of a client that names none.

    `encoding` is what positions count, in both directions. `versioned_edits`: an edit may name the version of the
    document that it was made for. `related_information` and `code_descriptions`: diagnostics may carry them.
    `definition_links`: a definition may say what it was asked for, and how much of the text it is.
    """

    encoding: Encoding = Encoding.UTF16
    versioned_edits: bool = False
    applies_edits: bool = False
    related_information: bool = False
    code_descriptions: bool = False
    markdown_hovers: bool = False
    refreshes_lenses: bool = False
    shows_progress: bool = False
    definition_links: bool = False
    markdown_completions: bool = False


def client_of(capabilities: types.ClientCapabilities) -> Client:
    """The client that named these capabilities in `initialize`."""

    def has(name: str) -> bool:
        return bool(get_capability(capabilities, name))

    formats: Any = get_capability(capabilities, "text_document.hover.content_format") or ()
    documents: Any = get_capability(capabilities, "text_document.completion.completion_item.documentation_format") or ()
    return Client(
        # What pygls chooses here is what it tells the client in its answer.
        encoding=Encoding(ServerCapabilitiesBuilder.choose_position_encoding(capabilities)),
        versioned_edits=has("workspace.workspace_edit.document_changes"),
        applies_edits=has("workspace.apply_edit"),
        related_information=has("text_document.publish_diagnostics.related_information"),
        code_descriptions=has("text_document.publish_diagnostics.code_description_support"),
        markdown_hovers=types.MarkupKind.Markdown in formats,
        refreshes_lenses=has("workspace.code_lens.refresh_support"),
        shows_progress=has("window.work_done_progress"),
        definition_links=has("text_document.definition.link_support"),
        markdown_completions=types.MarkupKind.Markdown in documents,
    )
