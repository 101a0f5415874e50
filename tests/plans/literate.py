"""Literate cases: Markdown files whose plans say, line by line, what the analysis finds in them. See `README.md` there.

Load them with `load_cases`; `Case.write_to` puts one on disk, for tests that run the real programs on it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from agent_server.analysis.build_output.model import BuildProblem
from agent_server.analysis.facts import NO_FACTS, BrokenContract, RunFacts, TaskFacts, TaskState, VerifyFacts
from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.questions import Likelihood
from agent_server.analysis.settings import AnalysisSettings
from agent_server.plan.digest import digest
from agent_server.plan.formats import Reading, reader_for
from agent_server.plan.text import LineIndex
from agent_server.settings import in_workspace, read_settings
from tests.answering import Editor

FOLDER = Path(__file__).parent

PATH = "case.plan.md"
"""The path of a case's plan that says nothing of it."""

_FENCE = re.compile(r"(?P<fence>`{3,})(?P<kind>[a-z]+)(?::(?P<path>.+))?$")
_COMMENT = re.compile(r"(?:^|[ \t]+)<-- (?P<severity>[a-z]+)\[(?P<code>[a-z-]+)\](?P<rest>.*?)(?=[ \t]+<-- |$)")
_KINDS = frozenset({"plan", "files", "file", "settings", "facts", "likely", "waves"})


class BadCase(Exception):
    """A literate file that cannot be read. The message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One diagnostic that a plan's line announces.

    `line` counts from 0 within the plan. `covered` is the first line of the text that the diagnostic covers, `message`
    a fragment of what it says; empty is any message.
    """

    line: int
    severity: str
    code: str
    covered: str
    message: str = ""

    def matches(self, found: "Expected") -> bool:
        """Whether `found`, which carries a whole message, is what is expected here."""
        same = (self.line, self.severity, self.code, self.covered)
        return same == (found.line, found.severity, found.code, found.covered) and self.message in found.message

    def comment(self) -> str:
        """The expectation as a trailing comment."""
        parts = (f"<-- {self.severity}[{self.code}]", self.covered, f"~ {self.message}" if self.message else "")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Case:
    """One plan with its workspace and what is expected of it. `text` is the plan without the expectations."""

    file: Path
    title: str
    text: str
    expected: tuple[Expected, ...]
    waves: tuple[tuple[str, ...], ...] | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    raw_settings: Mapping[str, Any] = field(default_factory=dict)
    facts: RunFacts = NO_FACTS
    likely: Mapping[str, tuple[Likelihood, ...]] = field(default_factory=dict)
    path: str = PATH

    @property
    def id(self) -> str:
        """A name for test reports: the file and the heading."""
        return f"{self.file.stem}: {self.title}"

    @property
    def settings(self) -> AnalysisSettings:
        """The settings that the case asks for, and those of its workspace's own file."""
        settings, problems = read_settings(self.raw_settings)
        if problems:
            raise BadCase(f"{self.file.name}, {self.title}: {' '.join(problems)}")
        return in_workspace(settings, self.files)[0].analysis

    def analysis(self) -> Analysis:
        """What the analysis says, given what the programs would give it."""
        return self.editor().analysis(self.read(self.text))

    def read(self, text: str) -> Reading:
        """What a version of the plan says, in the format that its path has."""
        reader = reader_for(self.path, text)
        if reader is None:
            raise BadCase(f"{self.file.name}, {self.title}: no format has plans called `{self.path}`.")
        return reader.parse(text)

    def editor(self) -> Editor:
        """What analyses one version of the plan after the other."""
        return Editor(self.files, self.settings, self.facts, self.likely)

    def write_to(self, root: Path, name: str = PATH) -> Path:
        """Write the workspace and the plan below `root`; returns the plan's path. Facts and settings are not files."""
        for path, content in {**self.files, name: self.text}.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8", newline="")
        return root / name


def load_cases(folder: Path = FOLDER) -> list[Case]:
    """Every case of the Markdown files in `folder`, but for its README."""
    files = sorted(file for file in folder.glob("*.md") if file.name != "README.md")
    return [case for file in files for case in read_cases(file)]


def read_cases(file: Path) -> list[Case]:
    """The cases of one file. What stands above its first case holds for all of them."""
    shared, *sections = _sections(file)
    return [_case(file, title, (*shared[1], *blocks)) for title, blocks in sections]


def found_in(case: Case, analysis: Analysis) -> list[Expected]:
    """What the analysis found, in the form of expectations that carry the whole message."""
    lines = LineIndex(case.text)
    return [_as_expected(each, case.text, lines) for each in analysis.diagnostics]


def differences(case: Case, analysis: Analysis) -> list[str]:
    """What is expected and not found, and what is found and not expected, one line each; empty if all is well."""
    missing, surplus = _compare(case.expected, found_in(case, analysis))
    problems = [f"line {each.line + 1}: not found: {each.comment()}" for each in missing]
    problems += [f"line {each.line + 1}: not expected: {each.comment()}" for each in surplus]
    if case.waves is not None and case.waves != analysis.schedule.waves:
        problems.append(f"waves are {_shown(analysis.schedule.waves)}, not {_shown(case.waves)}")
    return problems


def update(case: Case, analysis: Analysis) -> None:
    """Rewrite the case's expectations in its file. Message fragments that still hold are kept."""
    lines = case.file.read_text("utf-8").split("\n")
    start = next(at for at, line in enumerate(lines) if line.strip() == f"## {case.title}")
    for kind, first, last in reversed(list(_fenced(lines, start + 1))):
        if kind == "plan":
            lines[first:last] = _annotated(case, found_in(case, analysis))
        elif kind == "waves":
            lines[first:last] = [", ".join(wave) for wave in analysis.schedule.waves]
    case.file.write_text("\n".join(lines), "utf-8", newline="")


@dataclass(frozen=True, slots=True)
class _Block:
    kind: str
    path: str
    lines: tuple[str, ...]
    number: int


def _sections(file: Path) -> list[tuple[str, tuple[_Block, ...]]]:
    """The file cut at its second-level headings, those in fences aside; the first section has no title."""
    sections: list[tuple[str, list[_Block]]] = [("", [])]
    lines = file.read_text("utf-8").split("\n")
    at = 0
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        if opening:
            end = _closing(lines, at, opening["fence"], file)
            if opening["kind"] not in _KINDS:
                raise BadCase(
                    f"{file.name}, line {at + 1}: `{opening['kind']}` is none of {', '.join(sorted(_KINDS))}."
                )
            sections[-1][1].append(_Block(opening["kind"], opening["path"] or "", tuple(lines[at + 1 : end]), at + 1))
            at = end
        elif lines[at].startswith("## "):
            sections.append((lines[at].removeprefix("## ").strip(), []))
        at += 1
    return [(title, tuple(blocks)) for title, blocks in sections]


def _closing(lines: Sequence[str], opening: int, fence: str, file: Path) -> int:
    for at in range(opening + 1, len(lines)):
        if lines[at].startswith(fence) and not lines[at].strip("` "):
            return at
    raise BadCase(f"{file.name}, line {opening + 1}: this block is never closed.")


def _fenced(lines: Sequence[str], start: int) -> Iterator[tuple[str, int, int]]:
    """The kind, first line and end of every block of the section that starts at `start`."""
    at = start
    while at < len(lines) and not lines[at].startswith("## "):
        opening = _FENCE.match(lines[at])
        if opening:
            end = _closing(lines, at, opening["fence"], Path("case"))
            yield opening["kind"], at + 1, end
            at = end
        at += 1


def _case(file: Path, title: str, blocks: Sequence[_Block]) -> Case:
    plans = [block for block in blocks if block.kind == "plan"]
    if len(plans) != 1:
        raise BadCase(f"{file.name}, {title}: a case has one plan, this one has {len(plans)}.")
    text, expected = _stripped(plans[0].lines)
    waves = [block for block in blocks if block.kind == "waves"]
    return Case(
        file=file,
        title=title,
        text=text,
        expected=expected,
        waves=tuple(tuple(re.split(r",\s*", line)) for line in waves[-1].lines if line) if waves else None,
        files=_files(blocks),
        raw_settings=_mapping(blocks, "settings"),
        facts=_facts(_mapping(blocks, "facts"), text),
        likely=_likely(_mapping(blocks, "likely")),
        path=plans[0].path or PATH,
    )


def _stripped(lines: Sequence[str]) -> tuple[str, tuple[Expected, ...]]:
    """The plan's text and the expectations that its lines carry."""
    plain: list[str] = []
    expected: list[Expected] = []
    for number, line in enumerate(lines):
        comments = list(_COMMENT.finditer(line))
        plain.append(line[: comments[0].start()] if comments else line)
        for comment in comments:
            covered, _, message = comment["rest"].strip().partition("~ ")
            expected.append(Expected(number, comment["severity"], comment["code"], covered.strip(), message))
    return "".join(f"{line}\n" for line in plain), tuple(expected)


def _annotated(case: Case, found: Sequence[Expected]) -> list[str]:
    lines = case.text.split("\n")[:-1]
    kept = list(case.expected)
    for each in found:
        known = next((old for old in kept if old.matches(each)), None)
        if known is not None:
            kept.remove(known)
        shown = known or Expected(each.line, each.severity, each.code, each.covered)
        while len(lines) <= each.line:
            lines.append("")
        lines[each.line] = f"{lines[each.line]}  {shown.comment()}" if lines[each.line] else shown.comment()
    return lines


def _as_expected(found: Diagnostic, text: str, lines: LineIndex) -> Expected:
    covered = found.span.of(text).split("\n")[0].strip()
    return Expected(lines.line_at(found.span.start), found.severity.value, found.code, covered, found.message)


def _compare(expected: Sequence[Expected], found: Sequence[Expected]) -> tuple[list[Expected], list[Expected]]:
    missing: list[Expected] = []
    surplus = list(found)
    for each in expected:
        match = next((other for other in surplus if each.matches(other)), None)
        if match is None:
            missing.append(each)
        else:
            surplus.remove(match)
    return missing, surplus


def _files(blocks: Sequence[_Block]) -> dict[str, str]:
    files: dict[str, str] = {}
    for block in blocks:
        if block.kind == "files":
            files |= {line.strip(): "" for line in block.lines if line.strip()}
        elif block.kind == "file":
            files[block.path] = "".join(f"{line}\n" for line in block.lines)
    return files


def _mapping(blocks: Sequence[_Block], kind: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for block in blocks:
        if block.kind == kind:
            merged |= yaml.safe_load("\n".join(block.lines)) or {}
    return merged


def _likely(values: Mapping[str, Any]) -> dict[str, tuple[Likelihood, ...]]:
    """What the index predicts for a task with a word, path by path."""
    return {
        word: tuple(Likelihood(path, probability, f"it is about {word}, too") for path, probability in files.items())
        for word, files in values.items()
    }


def _facts(values: Mapping[str, Any], text: str) -> RunFacts:
    """The facts as YAML gives them; `approved_digest: current` is the digest of this very plan."""
    if not values:
        return NO_FACTS
    given = dict(values)
    if given.get("approved_digest") == "current":
        given["approved_digest"] = digest(text)
    given["approved_waves"] = tuple(given.get("approved_waves", ()))
    given["tasks"] = {
        task: TaskFacts(TaskState(each["state"]), each.get("message", ""), tuple(each.get("undeclared", ())))
        for task, each in given.get("tasks", {}).items()
    }
    given["verify"] = _verify(**given["verify"]) if "verify" in given else None
    given["unsaved"] = frozenset(given.get("unsaved", ()))
    return RunFacts(**given)


def _shown(waves: Sequence[Sequence[str]]) -> str:
    return " | ".join(", ".join(wave) for wave in waves) or "none"


def _verify(**given: Any) -> VerifyFacts:
    problems = tuple(BuildProblem(**{**each, "tasks": tuple(each["tasks"])}) for each in given.pop("problems", ()))
    broken = tuple(BrokenContract(**{**each, "tasks": tuple(each["tasks"])}) for each in given.pop("broken", ()))
    lists = {name: tuple(given.pop(name, ())) for name in ("failing", "passing")}
    return VerifyFacts(**given, **lists, problems=problems, broken=broken)
