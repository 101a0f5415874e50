"""The error that tells the user why a request was not carried out."""

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.lsp.markdown import unlinked


def refusal(message: str) -> JsonRpcException:
    """The request is sound, and cannot be carried out as things stand (LSP 3.17: RequestFailed)."""
    return JsonRpcException(unlinked(message), types.LSPErrorCodes.RequestFailed.value)
