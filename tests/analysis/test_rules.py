"""Every rule's examples and fixes, and what holds for all rules together."""

import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from agent_server.analysis import rules
from agent_server.analysis.analyse import analyse
from agent_server.analysis.columns import Column
from agent_server.analysis.facts import NO_FACTS, RunFacts
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.model import Analysis, Diagnostic, ModelChoice, TaskAnalysis, WriteSet
from agent_server.analysis.rules import RULES, Rule
from agent_server.analysis.settings import AnalysisSettings, Severity, Tier
from agent_server.analysis.tree import Tree
from agent_server.plan.model import Plan, Task, apply_edits
from agent_server.plan.moving import Placed
from agent_server.plan.text import Span

LOUDNESS = [Severity.HINT, Severity.INFORMATION, Severity.WARNING, Severity.ERROR]
COMPANIONS = {"predicted-write": "unknown-write-set"}
"""Findings that come with another one by their nature."""

SHARED = {
    "alternative",
    "around",
    "contention",
    "integration",
    "marks",
    "nearby",
    "order",
    "places",
    "problems",
    "rule",
    "sequencing",
    "wording",
}

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())


def analysed(
    rule: Rule,
    text: str,
    facts: RunFacts,
    settings: AnalysisSettings = AnalysisSettings(),  # noqa: B008  # immutable
) -> Analysis:
    plan, problems = rule.read(text)
    return analyse(plan, problems, Tree(rule.files, rule.files), settings, facts)


def of(rule: Rule, analysis: Analysis) -> list[Diagnostic]:
    return [found for found in analysis.diagnostics if found.code == rule.code]


def bare(analysis: Analysis) -> Analysis:
    """The analysis with its hazards and waves, but of its tasks only minutes, waves, marks and places of ids."""

    def stripped(found: TaskAnalysis) -> TaskAnalysis:
        task = Task(
            id=found.task.id,
            id_span=found.task.id_span,
            title="",
            title_span=Span(0, 0),
            heading=Span(0, 0),
            span=Span(0, 0),
            fields=(),
            field_lines=Span(0, 0),
            instructions="",
            instructions_span=Span(0, 0),
            wave=found.task.wave,
            status=found.task.status,
            phase=found.task.phase,
            parallel=found.task.parallel,
        )
        writes = WriteSet(PathSet(), (), found.writes.unknown)
        return TaskAnalysis(task, writes, (), ModelChoice(Tier.FAST, "", "", Tier.FAST), found.minutes, found.wave)

    plan = analysis.plan
    return replace(
        analysis,
        plan=Plan("", plan.format, "", Span(0, 0), "", plan.settings, Span(0, 0), Placed((), ()), writer=plan.writer),
        problems=(),
        facts=NO_FACTS,
        tasks={name: stripped(found) for name, found in analysis.tasks.items()},
        at_home=Column(analysis.at_home.rows, [*map(stripped, analysis.at_home.values())]),
    )


@pytest.mark.parametrize("rule", [each for each in RULES.values() if each.about_hazards], ids=lambda rule: rule.code)
def test_a_rule_about_hazards_looks_at_nothing_else(rule: Rule) -> None:
    """What it finds is kept while hazards, waves and minutes are the same, whatever else of the tasks is edited."""
    found = [analysed(each, text, each.facts) for each in RULES.values() for text in (each.bad, each.good)]
    assert any([*rule.check(each)] for each in found)
    for each in found:
        assert [*rule.check(bare(each))] == [*rule.check(each)]


@every_rule
def test_the_bad_example_raises_the_finding_and_nothing_as_severe(rule: Rule) -> None:
    analysis = analysed(rule, rule.bad, rule.facts)
    own = of(rule, analysis)
    assert own
    assert {found.severity for found in own} == {rule.severity}
    rest = [found for found in analysis.diagnostics if found.code not in {rule.code, COMPANIONS.get(rule.code)}]
    assert [found for found in rest if LOUDNESS.index(found.severity) >= LOUDNESS.index(rule.severity)] == []


@every_rule
def test_the_good_example_does_not_raise_the_finding(rule: Rule) -> None:
    assert of(rule, analysed(rule, rule.good, rule.good_facts)) == []


@every_rule
def test_the_good_example_has_no_error_and_no_warning(rule: Rule) -> None:
    found = analysed(rule, rule.good, rule.good_facts).diagnostics
    assert [each for each in found if each.severity in {Severity.ERROR, Severity.WARNING}] == []


@every_rule
def test_every_fix_of_the_bad_example_mends_it(rule: Rule) -> None:
    analysis = analysed(rule, rule.bad, rule.facts)
    before = {found.code for found in analysis.diagnostics}
    for found in of(rule, analysis):
        for fix in rules.fixes(analysis, found):
            mended = apply_edits(rule.bad, fix.edits)
            after = analysed(rule, mended, rule.facts)
            assert of(rule, after) == [], f"{fix.title}:\n{mended}"
            louder = {each.code for each in after.diagnostics if each.severity is Severity.ERROR}
            assert louder <= before, f"{fix.title}:\n{mended}"


@every_rule
def test_a_finding_points_into_the_plan(rule: Rule) -> None:
    analysis = analysed(rule, rule.bad, rule.facts)
    for found in of(rule, analysis):
        assert 0 <= found.span.start <= found.span.end <= len(rule.bad)
        assert all(0 <= other.span.start <= other.span.end <= len(rule.bad) for other in found.related)
        assert all(task in analysis.tasks for task in found.tasks)


@every_rule
def test_a_message_is_made_of_whole_sentences(rule: Rule) -> None:
    for found in of(rule, analysed(rule, rule.bad, rule.facts)):
        assert found.message[0].isupper() or found.message[0] in '`"0123456789'
        assert found.message.endswith((".", "?"))
        assert "\n" not in found.message
        assert "  " not in found.message
        assert len(found.message) < 320


@every_rule
def test_a_user_can_silence_a_rule_or_change_how_loud_it_is(rule: Rule) -> None:
    silent = AnalysisSettings(severities={rule.code: Severity.OFF})
    assert of(rule, analysed(rule, rule.bad, rule.facts, silent)) == []
    quiet = AnalysisSettings(severities={rule.code: Severity.HINT})
    assert {found.severity for found in of(rule, analysed(rule, rule.bad, rule.facts, quiet))} == {Severity.HINT}


@every_rule
def test_a_rule_is_explained(rule: Rule) -> None:
    assert rule.summary.endswith(".")
    assert len(rule.summary) <= 100
    assert rule.explanation.endswith(".\n")
    assert rule.severity is not Severity.OFF


def test_every_file_is_a_rule_named_after_its_code_or_is_shared() -> None:
    names = {found.name for found in iter_modules(rules.__path__)}
    assert names - SHARED == {code.replace("-", "_") for code in RULES}
    for name in names - SHARED:
        module = import_module(f"agent_server.analysis.rules.{name}")
        assert module.RULE is RULES[name.replace("_", "-")]
        assert (module.__doc__ or "").startswith(f"`{module.RULE.code}`: ")


def test_fixes_do_not_depend_on_the_severity_that_a_user_has_set() -> None:
    rule = RULES["write-conflict"]
    settings = AnalysisSettings(severities={rule.code: Severity.ERROR})
    loud, plain = analysed(rule, rule.bad, rule.facts, settings), analysed(rule, rule.bad, rule.facts)
    assert rules.fixes(loud, of(rule, loud)[0]) == rules.fixes(plain, of(rule, plain)[0])


def test_findings_stand_in_the_order_of_the_text() -> None:
    for rule in RULES.values():
        spans = [found.span for found in analysed(rule, rule.bad, rule.facts).diagnostics]
        assert spans == sorted(spans)


def test_a_code_that_no_rule_has_offers_no_fixes() -> None:
    rule = RULES["no-verify"]
    analysis = analysed(rule, rule.bad, rule.facts)
    unknown = Diagnostic("somebody-elses", Severity.ERROR, "Not ours.", analysis.diagnostics[0].span)
    assert rules.fixes(analysis, unknown) == ()


def test_whatever_the_reader_of_plans_reports_has_a_rule_that_shows_it() -> None:
    sources = [path.read_text("utf-8") for path in Path("agent_server/plan").rglob("*.py")]
    codes = {code for source in sources for code in re.findall(r'(?:\bProblem\(\s*|\bCODE = )"([a-z-]+)"', source)}
    assert {"bad-value", "bad-json", "merge-conflict", "unclosed-block"} <= codes
    assert codes <= set(RULES)
