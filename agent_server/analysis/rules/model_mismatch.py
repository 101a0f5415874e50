"""`model-mismatch`: a task pins a model that is larger or smaller than its work asks for."""

from collections.abc import Iterable, Iterator

from agent_server.analysis.model import Analysis, Diagnostic, Fix, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import joined, listed
from agent_server.analysis.settings import Severity, Tier
from agent_server.plan.model import Edit

_AUTO = "auto"
_SIZES = (Tier.FAST, Tier.DEFAULT, Tier.CAPABLE)


def _check_task(found: TaskAnalysis, _around: Around) -> Iterator[Diagnostic]:
    """A task that pins a model for itself."""
    pinned, model = found.task.model, found.model
    if not found.task.is_open or pinned is None or model.tier is model.wanted:
        return
    known = "" if pinned.text.lower() == model.tier else f", a `{model.tier}` model"
    costs = "costs more than it needs to" if _is_larger(model.tier, model.wanted) else "may be out of its depth"
    yield Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"`{found.task.id}` pins `{pinned.text}`{known}, but its work looks like `{model.wanted}`, so it "
        f"{costs}. Write `model: {model.wanted}`, or leave the choice to `auto`.",
        span=pinned.span,
        tasks=(found.task.id,),
        suggestion=model.wanted.value,
    )


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    """A plan that pins one model for all, which fits fewer than half of those that it is for."""
    pinned = analysis.plan.settings.model
    if pinned is None or pinned.text.lower() == _AUTO:
        return
    bound = [found for found in analysis.tasks.values() if found.task.is_open and found.task.model is None]
    unfit = [found for found in bound if found.model.tier is not found.model.wanted]
    if len(unfit) * 2 <= len(bound):
        return
    wanted = joined([f"`{tier}`" for tier in _SIZES if any(found.model.wanted is tier for found in unfit)])
    yield Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"The plan pins `{pinned.text}` for all its tasks, but the work of {listed(_ids(unfit))} "
        f"looks like {wanted}. Leave the choice to `auto`, and pin a model where you know better.",
        span=pinned.span,
        tasks=_ids(unfit),
    )


def _ids(tasks: Iterable[TaskAnalysis]) -> tuple[str, ...]:
    return tuple(found.task.id for found in tasks)


def _fixes(_analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    return tuple(
        Fix(f"Use `model: {model}`", (Edit(diagnostic.span, model),))
        for model in (diagnostic.suggestion, "auto")
        if model
    )


def _is_larger(tier: Tier, than: Tier) -> bool:
    return _SIZES.index(tier) > _SIZES.index(than)


RULE = Rule(
    code="model-mismatch",
    severity=Severity.HINT,
    summary="A task pins a model that does not fit its work.",
    explanation="""\
A task that copies a pattern into one or two files is done as well, and sooner, by a small model; creative or wide
work is not. Without a `model` field, or with `model: auto`, each task gets the model that its complexity asks for,
and the reason is shown. A pinned model is always obeyed: this is only a hint.

A model that is pinned by its id counts as what it is, where that is known: from your setting `models`, or from the
table of prices, to which you can add models of your own (`prices`). A plan that pins one model for all its tasks is
told once, where that fits fewer than half of them.
""",
    bad="""\
# Clay wiki

## hub: Build the hub page
- writes: `src/pages/clay.py`
- mirrors: `src/pages/glass.py`
- model: capable

Build the page like the one it mirrors.
""",
    good="""\
# Clay wiki

## hub: Build the hub page
- writes: `src/pages/clay.py`
- mirrors: `src/pages/glass.py`
- model: auto

Build the page like the one it mirrors.
""",
    files={"src/pages/glass.py": 'TITLE = "Glass"\n'},
    check=_check,
    check_task=_check_task,
    fixes=_fixes,
)
