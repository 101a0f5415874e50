"""Agent Server: the language server for plans of parallel coding agents."""

__version__ = "0.1.0"
