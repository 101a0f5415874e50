"""What a client can do, as far as it changes what it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder, get_capability

from agent_server.plan.text import Encoding


@dataclass(frozen=True, slots=True)
class Client:
    """A client's abilities; the defaults are those of a client that names none.

    `encoding` is what positions count, in both directions. `versioned_edits`: an edit may name the version of the
    document that it was made for. `annotated_edits`: it may say what it is for, and ask for a look before it is
    applied; `annotated_actions`: also that of a code action. `related_information`, `code_descriptions`, `fades` (the
    tag for what is no longer needed) and `diagnostic_data`: diagnostics may carry them. `pulls_diagnostics`: it asks
    for them itself, and can be told to ask again (`refreshes_diagnostics`). `answers_configuration`: it tells its
    settings when asked. `registers_configuration` and `registers_watched_files`: it can be told later that we want to
    hear of these. `resolves_edits`: the edit of a code action may come when it is chosen. `disabled_actions`: actions
    may be shown that cannot be chosen. `renames_with_us`: it asks for edits before it renames files. `opens_documents`:
    it can be told to show a document of ours, and reads its text from us. `shows_lenses` and `shows_hints`: it knows
    code lenses and inlay hints; whether its user has them on, it does not say. `definition_links`: a definition may say
    what it was asked for, and how much of the text it is. `nested_symbols`: an outline may be a tree. `most_folds` is
    how many it takes at most. `token_types` and `token_modifiers` are those that it knows.
    """

    encoding: Encoding = Encoding.UTF16
    versioned_edits: bool = False
    annotated_edits: bool = False
    applies_edits: bool = False
    related_information: bool = False
    code_descriptions: bool = False
    markdown_hovers: bool = False
    shows_lenses: bool = False
    shows_hints: bool = False
    refreshes_lenses: bool = False
    shows_progress: bool = False
    answers_configuration: bool = False
    registers_configuration: bool = False
    registers_watched_files: bool = False
    annotated_actions: bool = False
    resolves_edits: bool = False
    disabled_actions: bool = False
    renames_with_us: bool = False
    opens_documents: bool = False
    definition_links: bool = False
    markdown_completions: bool = False
    fades: bool = False
    diagnostic_data: bool = False
    pulls_diagnostics: bool = False
    refreshes_diagnostics: bool = False
    refreshes_hints: bool = False
    refreshes_tokens: bool = False
    refreshes_folding: bool = False
    nested_symbols: bool = False
    link_tooltips: bool = False
    most_folds: int | None = None
    token_types: frozenset[str] = frozenset()
    token_modifiers: frozenset[str] = frozenset()


def client_of(capabilities: types.ClientCapabilities) -> Client:
    """The client that named these capabilities in `initialize`."""

    def has(name: str) -> bool:
        return bool(get_capability(capabilities, name))

    def every(name: str) -> Any:
        return get_capability(capabilities, name) or ()

    formats = every("text_document.hover.content_format")
    documents = every("text_document.completion.completion_item.documentation_format")
    # Up to LSP 3.17 what pulled diagnostics may carry was said for those that are pushed alone.
    pushed, pulled = "text_document.publish_diagnostics", "text_document.diagnostic"
    tags = {*every(f"{pushed}.tag_support.value_set"), *every(f"{pulled}.tag_support.value_set")}
    workspace_edit, action = "workspace.workspace_edit", "text_document.code_action"
    annotation = get_capability(capabilities, f"{workspace_edit}.change_annotation_support")
    annotates = has(f"{workspace_edit}.document_changes") and annotation is not None
    resolved = every(f"{action}.resolve_support.properties")
    return Client(
        # What pygls chooses here is what it tells the client in its answer.
        encoding=Encoding(ServerCapabilitiesBuilder.choose_position_encoding(capabilities)),
        versioned_edits=has(f"{workspace_edit}.document_changes"),
        annotated_edits=annotates,
        applies_edits=has("workspace.apply_edit"),
        related_information=has(f"{pushed}.related_information") or has(f"{pulled}.related_information"),
        code_descriptions=has(f"{pushed}.code_description_support") or has(f"{pulled}.code_description_support"),
        markdown_hovers=types.MarkupKind.Markdown in formats,
        shows_lenses=has("text_document.code_lens"),
        shows_hints=has("text_document.inlay_hint"),
        refreshes_lenses=has("workspace.code_lens.refresh_support"),
        shows_progress=has("window.work_done_progress"),
        answers_configuration=has("workspace.configuration"),
        registers_configuration=has("workspace.did_change_configuration.dynamic_registration"),
        registers_watched_files=has("workspace.did_change_watched_files.dynamic_registration"),
        annotated_actions=annotates and has(f"{action}.honors_change_annotations"),
        resolves_edits="edit" in resolved and has(f"{action}.data_support"),
        disabled_actions=has(f"{action}.disabled_support"),
        renames_with_us=has("workspace.file_operations.will_rename"),
        opens_documents=has("window.show_document.support") and _reads_contents(capabilities),
        definition_links=has("text_document.definition.link_support"),
        markdown_completions=types.MarkupKind.Markdown in documents,
        fades=types.DiagnosticTag.Unnecessary in tags,
        diagnostic_data=has(f"{pushed}.data_support") or has(f"{pulled}.data_support"),
        pulls_diagnostics=has(pulled) and has("workspace.diagnostics.refresh_support"),
        refreshes_diagnostics=has("workspace.diagnostics.refresh_support"),
        refreshes_hints=has("workspace.inlay_hint.refresh_support"),
        refreshes_tokens=has("workspace.semantic_tokens.refresh_support"),
        refreshes_folding=has("workspace.folding_range.refresh_support"),
        nested_symbols=has("text_document.document_symbol.hierarchical_document_symbol_support"),
        link_tooltips=has("text_document.document_link.tooltip_support"),
        most_folds=get_capability(capabilities, "text_document.folding_range.range_limit"),
        token_types=frozenset(every("text_document.semantic_tokens.token_types")),
        token_modifiers=frozenset(every("text_document.semantic_tokens.token_modifiers")),
    )


def _reads_contents(capabilities: types.ClientCapabilities) -> bool:
    """Whether the client reads `agent-server:` documents: by LSP 3.18, or by a request of our own, as it tells us."""
    if get_capability(capabilities, "workspace.text_document_content") is not None:
        return True
    experimental = capabilities.experimental
    return isinstance(experimental, Mapping) and experimental.get("agentServerDocuments") is True
