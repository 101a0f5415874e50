"""`model-mismatch`: a task pins a model that is larger or smaller than its work asks for."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis, Diagnostic, Fix
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity, Tier
from agent_server.plan.model import Edit

_SIZES = (Tier.FAST, Tier.DEFAULT, Tier.CAPABLE)


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    for task_id, found in analysis.tasks.items():
        pinned, model = found.task.model, found.model
        if not found.task.is_open or pinned is None or model.tier is model.wanted:
            continue
        costs = "costs more than it needs to" if _is_larger(model.tier, model.wanted) else "may be out of its depth"
        yield Diagnostic(
            code=RULE.code,
            severity=RULE.severity,
            message=f"`{task_id}` pins `{pinned.text}`, but its work looks like `{model.wanted}`, so it {costs}. "
            f"Write `model: {model.wanted}`, or leave the choice to `auto`.",
            span=pinned.span,
            tasks=(task_id,),
            suggestion=model.wanted.value,
        )


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
    fixes=_fixes,
)
