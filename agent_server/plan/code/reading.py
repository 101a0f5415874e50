"""Reads the code of a task: one reader for all formats, from the task's words alone.

What it gives follows from the title and the instructions, so an edit has the code of that one task read again. Prose
readers see none of the blocks: `analysis/words/prose.py` blanks them out.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from agent_server.plan.code.above import Above, Paragraph
from agent_server.plan.code.diffs import FileDiff, files_in, is_diff, sides
from agent_server.plan.code.fences import Fenced, fenced, may_hold_code
from agent_server.plan.code.files import Named, in_first_line, in_info, in_words
from agent_server.plan.code.model import NO_CODE, CodeBlock, Excerpt, Role, TaskCode
from agent_server.plan.code.names import looks_like, may_hold, named, of_file
from agent_server.plan.code.roles import creates_all, is_refused, role_of
from agent_server.plan.code.spans import code_spans
from agent_server.plan.markdown.blocks import indent_of
from agent_server.plan.model import Item, Task
from agent_server.plan.moving import moved
from agent_server.plan.text import Span

_WORD = re.compile(r"\{?\.?([A-Za-z][\w+#]*)")
_LABEL = re.compile(
    r"[\W\d]*(?:(?:add|change|create|edit|file|in|modify|new|path|replace|step|test|update)\b|[`\[*])", re.IGNORECASE
)
"""How a paragraph begins that may say of which file the blocks further down are."""
_ENTRY = re.compile(r"[ \t]*+(?:[-*+]|\d{1,9}[.)])[ \t]+(?!\[[ xX]\])")
_GOES_ON = re.compile(r"\W*(?:with|to|by|into|becomes?)\b[^\n]{0,200}:\W*\Z", re.IGNORECASE)
"""What stands between two halves of one change: "Replace:", a block, "with:", another."""


def code_of(task: Task) -> TaskCode:
    """The code of a task, with its places as in the task: at home, or in the plan."""
    start = task.instructions_span.start
    blocks = moved(_blocks_of(task.instructions, _title_above(task)), start)
    spans = (*moved(code_spans(task.title), task.title_span.start), *moved(code_spans(task.instructions), start))
    return TaskCode(blocks, spans) if blocks or spans else NO_CODE


def _title_above(task: Task) -> str:
    """The title, where the instructions follow it with nothing between that a reader would see."""
    is_above = not task.fields and task.title_span.end <= task.instructions_span.start
    return task.title if is_above and may_hold_code(task.instructions) else ""


@lru_cache(maxsize=8192)
def _blocks_of(text: str, title: str) -> tuple[CodeBlock, ...]:
    return tuple(_Reader(text, title).blocks()) if may_hold_code(text) else ()


class _Reader:
    """Reads the blocks of one text in its order."""

    def __init__(self, text: str, title: str) -> None:
        self._text = text
        self._lines, self._found = fenced(text)
        self._above = Above(text, title, self._lines, self._found)

    def blocks(self) -> Iterator[CodeBlock]:
        """The blocks; of a diff, one for each file in it."""
        before: Item | None = None
        for block in self._found:
            for read in self._read(block, before):
                before = read.file
                yield read

    def _read(self, block: Fenced, before: Item | None) -> Iterator[CodeBlock]:
        lines = self._lines.lines[block.first : block.last]
        word = _WORD.match(block.info)
        language = named(word[1]) if word else ""
        if language == "diff" or "diff" in re.split(r"\W", block.info) or is_diff(lines):
            yield from self._diff(block, language, before)
        else:
            yield self._block(block, language, before)

    def _block(self, block: Fenced, language: str, before: Item | None) -> CodeBlock:
        code = self._excerpt(block.first, [(at, True) for at in range(block.last - block.first)])
        lead = self._above.lead(block)
        language = language or of_file(block.info.partition(" ")[0]) or looks_like(code.text)
        found = self._file(block, code, language, before)
        if found is not None and language in {"", "text"}:
            language = of_file(found.item.text) or language
        if found is not None and language == "shell" and of_file(found.item.text) != "shell":
            found = None  # It is what a command is about.
        role = role_of(language, block.info, code.text, lead, has_file=found is not None)
        if self._above.is_aside(block) or (found is not None and found.is_there):
            role = Role.SHOWN
        return CodeBlock(
            span=self._span(block.first, block.last),
            whole=self._whole(block),
            info=block.info,
            language=language,
            role=role,
            file=None if found is None else found.item,
            creates=found is not None and role is Role.WRITTEN and creates_all(code.text, lead),
            code=code,
        )

    def _diff(self, block: Fenced, language: str, before: Item | None) -> Iterator[CodeBlock]:
        lines = self._lines.lines[block.first : block.last]
        starts = self._lines.starts[block.first : block.last]
        role = Role.REFUSED if is_refused(self._above.lead(block)) else Role.DIFF
        for part in files_in(lines, starts):
            after, gone = sides(lines[part.first : part.last])
            first = block.first + part.first
            file = self._diff_file(block, part, before)
            spelled = language if language != "diff" else _other_word(block.info)
            yield CodeBlock(
                span=self._span(first, block.first + part.last),
                whole=self._whole(block),
                info=block.info,
                language=(of_file(file.text) if file is not None else "") or spelled,
                role=role,
                file=file,
                creates=part.is_new,
                code=self._excerpt(first, after, marks=1),
                removed=self._excerpt(first, gone, marks=1),
            )

    def _diff_file(self, block: Fenced, part: FileDiff, before: Item | None) -> Item | None:
        if part.path and part.place is not None:
            return Item(part.path, part.place)
        found = in_info(block.info, self._info_start(block)) or self._file_above(block, "", before)
        return None if found is None else found.item

    def _excerpt(self, first: int, chosen: Sequence[tuple[int, bool]], marks: int = 0) -> Excerpt:
        """The lines of a block as a source, `marks` characters at the start of each left out."""
        raw = [self._lines.lines[first + at] for at, _ in chosen]
        bodies = [line[marks:] for line in raw]
        indent = _shared_indent(bodies)
        texts = [line[indent:].rstrip(" \t") for line in bodies]
        cuts = [min(marks + indent, len(line)) for line in raw]
        starts = [self._lines.starts[first + at] + cut for (at, _), cut in zip(chosen, cuts, strict=True)]
        spans = [Span(start, start + len(text)) for start, text in zip(starts, texts, strict=True)]
        return Excerpt("\n".join(texts), tuple(spans), tuple([is_chosen for _, is_chosen in chosen]))

    def _file(self, block: Fenced, code: Excerpt, language: str, before: Item | None) -> Named | None:
        """The file that the fence names or, in a comment, the first line or the second; else the words above."""
        found = in_info(block.info, self._info_start(block))
        if found is None:
            comments = [in_first_line(line.of(self._text), line.start) for line in code.lines[:2]]
            found = next((each for each in comments if each and may_hold(each.item.text, language)), None)
        return found or self._file_above(block, language, before)

    def _file_above(self, block: Fenced, language: str, before: Item | None) -> Named | None:
        """The file that words above a block name: in its own paragraph or, where that says nothing, further up."""
        for number, paragraph in enumerate(self._above.paragraphs(block)):
            if number == 0 and before is not None and _GOES_ON.match(paragraph.words):
                return Named(before) if may_hold(before.text, language) else None
            if number and not (paragraph.is_heading or self._may_lead(paragraph, block)):
                continue
            found = in_words(paragraph.words, paragraph.start, language)
            if found is not None:
                return found
        return None

    def _may_lead(self, paragraph: Paragraph, block: Fenced) -> bool:
        """Whether a paragraph further up may name the file of a block; an entry of a list does for what is in it."""
        if _LABEL.match(paragraph.words) is None:
            return False
        indent = indent_of(self._lines.lines[block.opening])
        return not _ENTRY.match(paragraph.words) or indent > indent_of(paragraph.words)

    def _info_start(self, block: Fenced) -> int:
        line, start = self._lines.lines[block.opening], self._lines.starts[block.opening]
        return start + (line.rfind(block.info) if block.info else len(line))

    def _span(self, first: int, last: int) -> Span:
        start = self._lines.starts[first] if first < len(self._lines.starts) else len(self._text)
        return Span(start, max(start, self._line_end(last - 1)))

    def _whole(self, block: Fenced) -> Span:
        line = self._lines.lines[block.opening]
        start = self._lines.starts[block.opening] + len(line) - len(line.lstrip())
        return Span(start, self._line_end(block.end - 1))

    def _line_end(self, line: int) -> int:
        return self._lines.starts[line] + len(self._lines.lines[line])


def _shared_indent(lines: Sequence[str]) -> int:
    return min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)


def _other_word(info: str) -> str:
    """The language of what a diff changes, where the fence tells: `diff-ts`, `ts diff`."""
    words = [word for word in re.split(r"[^A-Za-z0-9+#]+", info) if word.lower() not in {"diff", "patch", ""}]
    return named(words[0]) if words else ""
