"""What a user may set about the analysis. Defaults live here and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agent_server.analysis.estimates.prices import DEFAULT_PRICES, Price
from agent_server.analysis.estimates.tier import Tier

__all__ = [
    "BUILT_IN_AGENTS",
    "DEFAULT_BRIEF_TOKENS",
    "DEFAULT_MINUTES",
    "DEFAULT_MODELS",
    "AnalysisSettings",
    "Severity",
    "Tier",
]


class Severity(StrEnum):
    """How bad a diagnostic is, in LSP's four steps; `OFF` silences a rule."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    HINT = "hint"
    OFF = "off"


DEFAULT_MODELS: Mapping[Tier, str] = {
    Tier.FAST: "claude-haiku-5-5",
    Tier.DEFAULT: "claude-sonnet-5-5",
    Tier.CAPABLE: "claude-opus-5-5",
}

DEFAULT_BRIEF_TOKENS: Mapping[Tier, int] = {Tier.FAST: 6_000, Tier.DEFAULT: 12_000, Tier.CAPABLE: 24_000}

DEFAULT_MINUTES: Mapping[Tier, float] = {Tier.FAST: 4.0, Tier.DEFAULT: 9.0, Tier.CAPABLE: 15.0}

BUILT_IN_AGENTS = (
    "anthropic",
    "replay",
    "aider",
    "claude",
    "claude-acp",
    "codex",
    "codex-acp",
    "copilot",
    "gemini",
    "opencode",
)
"""The agents that need no settings, by the names that plans use: `agents.backends` makes them."""


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """Settings of the analysis.

    `agents` is the widest a wave may be where the plan does not say. `minutes` is how long a task of a tier takes
    where nothing else tells. `severities` overrides a rule's severity by its code. `protected` are globs that no task
    may write. `prices` are what models cost, by their ids. `brief_tokens` is the longest brief that a model of
    a tier is given without a word of warning. `known_agents` are the names that plans may use.
    """

    agents: int = 5
    models: Mapping[Tier, str] = field(default_factory=lambda: dict(DEFAULT_MODELS))
    minutes: Mapping[Tier, float] = field(default_factory=lambda: dict(DEFAULT_MINUTES))
    severities: Mapping[str, Severity] = field(default_factory=dict)
    protected: tuple[str, ...] = (".git/**", "**/.git/**", ".env", "**/.env")
    brief_tokens: Mapping[Tier, int] = field(default_factory=lambda: dict(DEFAULT_BRIEF_TOKENS))
    prices: Mapping[str, Price] = field(default_factory=lambda: dict(DEFAULT_PRICES))
    known_agents: tuple[str, ...] = BUILT_IN_AGENTS
    verify: str | None = None
    """The verify command where the plan names none. It comes from the user's own settings, never from the workspace."""


DEFAULT_SETTINGS = AnalysisSettings()
