"""What the index of all sources would answer, worked out from texts in the memory: slow, short, and easy to believe."""

import re
from collections.abc import Callable, Mapping

from agent_server.analysis.facts import NO_FACTS, RunFacts
from agent_server.analysis.incremental import Analyser
from agent_server.analysis.model import Analysis
from agent_server.analysis.questions import Answer, Definers, Importers, Importing, Likelihood, Likely, Naming, Question
from agent_server.analysis.settings import AnalysisSettings
from agent_server.analysis.tree import Tree
from agent_server.languages import language_of, read_source
from agent_server.plan.model import Plan, Problem

MOST_ROUNDS = 10
"""An answer may lead to another question; if this many rounds do not end that, it never ends."""


class Editor:
    """The versions of one plan, one after the other, over files that stay as they are.

    `likely` holds predictions by a word of the task that they are for.
    """

    def __init__(
        self,
        files: Mapping[str, str],
        settings: AnalysisSettings = AnalysisSettings(),  # noqa: B008  # immutable
        facts: RunFacts = NO_FACTS,
        likely: Mapping[str, tuple[Likelihood, ...]] | None = None,
        *,
        case_sensitive: bool = True,
    ) -> None:
        self._files = files
        self._settings = settings
        self._facts = facts
        self._likely = likely or {}
        self._tree = Tree(files, case_sensitive=case_sensitive)
        self._analyser = Analyser()
        self._known: dict[Question, Answer] = {}

    def analysis(self, read: tuple[Plan, tuple[Problem, ...]]) -> Analysis:
        """The analysis of a version once all that it asks is answered, as in an editor after a moment."""
        plan, problems = read
        for _ in range(MOST_ROUNDS):
            asking = self._tree.with_answers(self._known)
            asking = self._analyser.with_sources(
                plan, asking, lambda paths: {path: self._files[path] for path in paths}
            )
            found = self._analyser.analyse(plan, problems, asking, self._settings, self._facts)
            if not found.unanswered:
                return found
            more = {question: answer(question, self._files, self._likely) for question in found.unanswered}
            self._known = self._known | more
        raise AssertionError(f"The questions never end: {found.unanswered}")


def analysed_in_full(
    read: tuple[Plan, tuple[Problem, ...]],
    files: Mapping[str, str],
    likely: Mapping[str, tuple[Likelihood, ...]] | None = None,
) -> Analysis:
    """The analysis of one plan, whose only version this is."""
    return Editor(files, likely=likely).analysis(read)


def answer(question: Question, files: Mapping[str, str], likely: Mapping[str, tuple[Likelihood, ...]]) -> Answer:
    """The answer to one question."""
    match question:
        case Importers(path):
            return _where(files, lambda file, text: _imports(file, text, path, files))
        case Importing(beginning):
            return _where(files, lambda file, text: any(each.startswith(beginning) for each in _modules(file, text)))
        case Definers(name):
            return _where(files, lambda file, text: name in getattr(read_source(file, text), "exports", ()))
        case Naming(words):
            return _where(files, lambda _, text: set(words) <= set(re.findall(r"\w+", text.lower())))
        case Likely(text):
            return next((found for word, found in likely.items() if word in text), ())


def _where(files: Mapping[str, str], holds: Callable[[str, str], bool]) -> tuple[str, ...]:
    return tuple(sorted(file for file, text in files.items() if holds(file, text)))


def _modules(file: str, text: str) -> list[str]:
    source = read_source(file, text)
    return [each.module for each in source.imports] if source is not None else []


def _imports(file: str, text: str, path: str, files: Mapping[str, str]) -> bool:
    language, source = language_of(file), read_source(file, text)
    if language is None or source is None or file == path:
        return False
    tree = Tree(files)
    layout = language.layout(tree, {each: files[each] for name in language.manifests for each in tree.named(name)})
    its = read_source(path, files.get(path, ""))
    package = path.rpartition("/")[0] if its is not None and its.package else None
    its = read_source(path, files.get(path, ""))
    # Who imports the folder of a package imports all its sources.
    package = f"{path.rpartition('/')[0]}/" if its is not None and its.package else None
    there = {*files, package}
    meant = (layout.resolve(found.module, file, tree).files for found in source.imports)
    return any(next((each for each in found if each in there), None) in {path, package} - {None} for found in meant)
