"""How long a task takes and what it costs: as declared, else as earlier runs went, else by its complexity."""

from dataclasses import dataclass

from agent_server.analysis.estimates.costs import Cost, cost_of
from agent_server.analysis.estimates.past_runs import History, Sample, sample
from agent_server.analysis.estimates.prices import Tokens
from agent_server.analysis.footprints import Footprint
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.model import ModelChoice
from agent_server.analysis.settings import AnalysisSettings, Tier

# How a conversation with an agent goes, where no run has told yet. Each turn sends all that was said before, which a
# cache holds, and adds what the agent wrote and what its tools answered. The numbers are of ordinary tasks.
_TURNS = {Tier.FAST: 8, Tier.DEFAULT: 14, Tier.CAPABLE: 24}
_TURNS_A_FILE = 2
_TOKENS_BEFORE = 2_500  # how to work, and the tools
_TOKENS_A_TURN = 1_200
_ANSWER_A_TURN = 200
_ANSWER_A_FILE = 1_200
_CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a task will take. `because` says where the minutes come from, as a clause."""

    minutes: float
    because: str
    cost: Cost


def estimate(
    footprint: Footprint, model: ModelChoice, around: Surroundings, settings: AnalysisSettings, history: History
) -> Estimate:
    """The estimate for one task, done by `model`."""
    files = len(footprint.writes.entries)
    known = sample(history, footprint.task.id, model.id, files)
    minutes, because = _minutes(footprint, model, settings, known)
    return Estimate(minutes, because, _cost(footprint, model, around, settings, known))


def _minutes(
    footprint: Footprint, model: ModelChoice, settings: AnalysisSettings, known: Sample | None
) -> tuple[float, str]:
    declared = footprint.task.minutes
    if declared is not None:
        return declared, "as the task says"
    if known is not None:
        return known.minutes, f"as {known.like} took"
    return settings.minutes[model.tier], f"as `{model.tier}` tasks take"


def _cost(
    footprint: Footprint, model: ModelChoice, around: Surroundings, settings: AnalysisSettings, known: Sample | None
) -> Cost:
    counted = known.tokens if known is not None else None
    if known is not None and counted is not None:
        tokens, because = counted, f"as {known.like} used"
    else:
        tokens, because = _usual(footprint, model.tier, around), "by its tier, its files and the length of its brief"
    if known is not None and known.usd is not None:
        return Cost(tokens if counted is not None else Tokens(), known.usd, f"as {known.like} cost", reported=True)
    return cost_of(tokens, model.id, settings.prices, because)


def _usual(footprint: Footprint, tier: Tier, around: Surroundings) -> Tokens:
    files = max(1, len(footprint.writes.entries))
    turns = _TURNS[tier] + _TURNS_A_FILE * files
    brief = _TOKENS_BEFORE + (len(around.context) + len(footprint.task.instructions)) // _CHARACTERS_A_TOKEN
    added = _TOKENS_A_TURN * (turns - 1)
    return Tokens(
        output=_ANSWER_A_TURN * turns + _ANSWER_A_FILE * files,
        cache_read=brief * (turns - 1) + added * (turns - 2) // 2,
        cache_write=brief + added,
    )
