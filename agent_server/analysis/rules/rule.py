"""What a rule is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from agent_server.analysis.facts import NO_FACTS, RunFacts
from agent_server.analysis.model import Analysis, Diagnostic, Fix, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.settings import Severity
from agent_server.plan.formats import Reading, reader_for

EXAMPLE = "clay.plan.md"
"""The path of most examples."""


def no_fixes(_analysis: Analysis, _diagnostic: Diagnostic) -> tuple[Fix, ...]:
    """What a rule offers that only a person can mend."""
    return ()


def no_findings(*_: object) -> tuple[Diagnostic, ...]:
    """What a check finds that is not the rule's kind: of single tasks, or of the whole plan."""
    return ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding: its words, its examples and its check.

    `severity` is what its page says; a check may raise single findings above it, and a user's setting overrides both.
    `summary` is one line and `explanation` Markdown: why the finding matters and how to mend it. `bad` and `good` are
    whole plans. They stand on the rule's page and are its tests: over a workspace of `files` (path to content), `bad`
    raises this finding and nothing as severe, `good` does not raise it. `example` is their path, which tells their
    format. `facts` is what the last run left behind when `bad` is read, `good_facts` when `good` is.

    `elsewhere` is how loud it is in other formats than ours, where that is not what its check says: a line of a
    checklist is its own instruction, and nobody can add to it what the format does not hold.

    `guards`: it keeps agents from what they must not touch, or tells what they did. A workspace's own settings cannot
    make it quieter, for its files may be a stranger's; the user's can.

    `check` yields the findings of one analysis, in any order. They are kept while the plan is the same but for words
    that no other task shares: so a check that looks at the text, at instructions, at the reader's problems or at what a
    task costs says that it `reads_text`, and is done again at every key. One that looks at hazards, waves, minutes and
    where ids stand, and at nothing else that tasks say, is `about_hazards`: most edits leave what it finds as it is.

    A rule about single tasks has a `check_task` instead, which yields those of one open task; they are kept until that
    task changes, or what the check has looked at around it. Waves and phases such a check is not told.
    `fixes` answers for one finding of that same analysis.
    """

    code: str
    severity: Severity
    summary: str
    explanation: str
    bad: str
    good: str
    example: str = EXAMPLE
    check: Callable[[Analysis], Iterable[Diagnostic]] = no_findings
    check_task: Callable[[TaskAnalysis, Around], Iterable[Diagnostic]] = no_findings
    fixes: Callable[[Analysis, Diagnostic], tuple[Fix, ...]] = no_fixes
    files: Mapping[str, str] = field(default_factory=dict)
    facts: RunFacts = NO_FACTS
    good_facts: RunFacts = NO_FACTS
    guards: bool = False
    reads_text: bool = False
    about_hazards: bool = False
    elsewhere: Severity | None = None

    def loudness(self, severities: Mapping[str, Severity], *, has_fields: bool) -> Severity | None:
        """How loud it is, whatever its check says; None where that decides.

        A user's setting comes first. `has_fields`: the plan is of our own format.
        """
        return severities.get(self.code) or (None if has_fields else self.elsewhere)

    def read(self, text: str) -> Reading:
        """An example, read in its format."""
        reader = reader_for(self.example, text)
        assert reader is not None, f"{self.example} is no plan"  # noqa: S101  # a rule is tested with its examples
        return reader.parse(text)

    @property
    def is_about_a_run(self) -> bool:
        """Whether the finding is what a run left behind, and no fault of the plan: it keeps nothing from running."""
        return self.facts != NO_FACTS
