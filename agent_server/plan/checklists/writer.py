"""Writes changes back into checklists: what stands in a box, marks, dependencies, places, and new tasks.

New text is written as the file writes it elsewhere. Whatever could be read differently than it was meant is read again
before it is handed out; where a task cannot have a change, there is no edit.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agent_server.plan.checklists.dependencies import Phrase, kind_of, needed, phrases
from agent_server.plan.checklists.dialects import Dialect
from agent_server.plan.checklists.items import boxes_below
from agent_server.plan.checklists.lines import added, moved_to
from agent_server.plan.markdown.blocks import scan
from agent_server.plan.markdown.boxes import status_of_box
from agent_server.plan.markdown.lists import list_items
from agent_server.plan.model import Edit, Plan, Reading, Status, Task, apply_edits
from agent_server.plan.moving import moved
from agent_server.plan.text import Span
from agent_server.plan.writing import line_end_of, line_start, line_stop, next_line, status_wanted

_TICK, _UNTICKED = "x", " "
_CLOSERS = re.compile(r"[*_`~]*\\?\]?[*_`~]*")
_ONLY_BEFORE = re.compile(r"[ \t]*+(?:\d{1,9}[.)][ \t]++)?(?:[^\w\r\n]|_)*")
_LISTED = re.compile(r"[ \t]*+[-*+][ \t]++(?P<opened>[*_`]*)")
_ONLY_BEHIND = re.compile(r"[*_`.;)]*[ \t]*")
_LIST_ITEM = re.compile(r"(?:\r\n|\n|\r)(?P<indent>[ \t]++)(?P<bullet>[-*+])[ \t]")
_OPENERS = re.compile(r"[*_`\[]*\Z")
_BOX = re.compile(r"\[[^\]\r\n]?\]")
_PARENTHESES = {"(": ")", "[": "]"}


@dataclass(frozen=True)
class ChecklistWriter:
    """Writes one dialect. `parse` reads what was written, to see that it says what was meant."""

    dialect: Dialect
    parse: Callable[[Dialect, str, Plan], Reading]

    @property
    def holds(self) -> frozenset[str]:
        """The names of `WRITABLE` that it can change."""
        return self.dialect.holds

    @property
    def mark(self) -> str:
        """What claims that a task may run beside others, as people write it; empty where the format has no mark."""
        return self.dialect.mark_text

    def set_field(self, plan: Plan, task: Task, name: str, items: Sequence[str]) -> tuple[Edit, ...]:
        """Tick a box, set or drop a mark, say what a task waits for, move it to a phase by its number."""
        if name == "phase":
            number = items[0] if len(items) == 1 and items[0].isdecimal() else "0"
            return moved_to(plan, task, int(number) - 1, self._read)
        edits: tuple[Edit, ...] = ()
        if name == "status":
            edits = self._with_status(plan, task, items)
        elif name == "parallel":
            edits = self._marked(plan, task, marked=bool(items))
        elif name == "needs":
            edits = self._needing(plan, task, list(items))
        return edits if edits and self._is_all(plan, task, edits, (name, items)) else ()

    def append_task(self, plan: Plan, title: str, fields: Mapping[str, Sequence[str]]) -> tuple[Edit, ...]:
        """Add a task behind the last one, with the next id."""
        new = added(plan, self.dialect, title, is_marked=bool(fields.get("parallel")), parse=self._read)
        needs = list(fields.get("needs", ()))
        if not new or not needs:
            return new
        after = self._read(apply_edits(plan.text, new), plan)
        task = next(task for task in after.tasks if task.span.contains(new[0].span.start + len(new[0].new_text) // 2))
        both = self._needing(after, task, needs)
        text = apply_edits(after.text, both)
        end = new[0].span.start + len(new[0].new_text) + len(text) - len(after.text)
        return (Edit(new[0].span, text[new[0].span.start : end]),) if both else ()

    def _is_all(self, plan: Plan, task: Task, edits: tuple[Edit, ...], change: tuple[str, Sequence[str]]) -> bool:
        """Whether the edits change what they should of the task, and nothing else that the plan says."""
        old, after = plan.tasks.homes, self._read(apply_edits(plan.text, edits), plan).tasks.homes
        place = plan.place_at(task.span.start)
        if place is None or len(old) != len(after) or not _is_as_meant(after[place], *change):
            return False
        return all(
            _said(one, change[0] if at == place else "") == _said(other, change[0] if at == place else "")
            for at, (one, other) in enumerate(zip(old, after, strict=True))
            if one is not other
        )

    def _read(self, text: str, before: Plan) -> Plan:
        return self.parse(self.dialect, text, before)[0]

    def _with_status(self, plan: Plan, task: Task, items: Sequence[str]) -> tuple[Edit, ...]:
        wanted = status_wanted(items)
        if task.status_span is None or wanted is None or wanted is task.status:
            return ()
        box = {
            Status.DONE: self._tick(plan),
            Status.TODO: _UNTICKED,
            Status.SKIP: min(self.dialect.skipped, default=""),
        }
        if not box[wanted]:
            return ()
        source = task.span.of(plan.text)
        blocks = scan(source)
        if not blocks.headings or blocks.headings[0].line or task.heading.contains(task.status_span.start):
            return (Edit(task.status_span, box[wanted]),)
        boxes = boxes_below(list_items(blocks))
        others = [each for each in boxes if status_of_box(each.of(source), self.dialect.skipped) is not wanted]
        return tuple(Edit(moved(each, task.span.start), box[wanted]) for each in others)

    def _tick(self, plan: Plan) -> str:
        """The character that the file ticks boxes with."""
        for task, start in zip(plan.tasks.homes, plan.tasks.places, strict=True):
            if task.status is Status.DONE and task.status_span is not None:
                return plan.text[start + task.status_span.start : start + task.status_span.end]
        return _TICK

    # The mark

    def _marked(self, plan: Plan, task: Task, *, marked: bool) -> tuple[Edit, ...]:
        if marked == (task.parallel is not None) or self.dialect.mark is None:
            return ()
        if task.parallel is not None:
            return (Edit(_with_blank(plan.text, task.parallel), ""),)
        at = task.title_span.start
        if task.id_span != task.title_span:
            closers = _CLOSERS.match(plan.text, task.id_span.end, task.title_span.start)
            at = closers.end() if closers is not None else task.id_span.end
            at += plan.text[at : at + 1] in {":", ".", "\uff1a", ")"}
            return (Edit(Span(at, at), f" {self._mark(plan)}"),)
        return (Edit(Span(at, at), f"{self._mark(plan)} "),)

    def _mark(self, plan: Plan) -> str:
        """The mark as the file writes it."""
        for task, start in zip(plan.tasks.homes, plan.tasks.places, strict=True):
            if task.parallel is not None:
                return moved(task.parallel, start).of(plan.text)
        return self.dialect.mark_text

    # What a task waits for

    def _needing(self, plan: Plan, task: Task, wanted: list[str]) -> tuple[Edit, ...]:
        ids = {other.id for other in plan.tasks.homes if other.id_span != other.title_span}
        had = [item.text for item in task.needs]
        if wanted == had or task.id not in ids or not ids.union(had).issuperset(wanted):
            return ()
        if any(kind_of(each) != kind_of(task.id) for each in wanted):
            return ()
        source = task.span.of(plan.text)
        edits = self._in_phrases(plan, task, source, wanted)
        after = apply_edits(source, edits) if edits is not None else source
        if edits is None or sorted(item.text for item in needed(self.dialect, after, task.id)) != sorted(wanted):
            return ()
        return tuple(Edit(moved(edit.span, task.span.start), edit.new_text) for edit in edits)

    def _in_phrases(self, plan: Plan, task: Task, source: str, wanted: list[str]) -> tuple[Edit, ...] | None:
        """The edits of the task's text that make it need what is wanted; None where it is written too freely."""
        found = list(phrases(self.dialect, source, task.id))
        had = {item.text for phrase in found for item in phrase.items}
        new = [each for each in wanted if each not in had]
        edits: list[Edit] = []
        for number, phrase in enumerate(found):
            texts = [item.text for item in phrase.items]
            left = [text for text in texts if text in wanted or text == task.id]
            if number + 1 == len(found) and (left or new):
                left += new
                new = []
            if left == texts:
                continue
            edit = _relisted(source, phrase, left) if left else _taken_out(source, phrase.span)
            if edit is None:
                return None
            edits.append(edit)
        if new:
            edits.append(self._new_phrase(plan, task, source, new))
        return tuple(edits)

    def _new_phrase(self, plan: Plan, task: Task, source: str, needs: Sequence[str]) -> Edit:
        """What says that the task needs these: in the words of another task of the plan, where one has some."""
        words = self._words(plan)
        text = words.format(", ".join(needs))
        is_heading = source.startswith("#")
        if words.startswith("- ") and not is_heading:
            nested = _LIST_ITEM.search(source)
            own = source[: len(source) - len(source.lstrip(" \t"))]
            indent, bullet = (nested["indent"], nested["bullet"]) if nested is not None else (f"{own}  ", "-")
            at = len(source.rstrip())
            eol = line_end_of(source if line_stop(source, 0) < len(source) else plan.text)
            return Edit(Span(at, at), f"{eol}{indent}{bullet}{text.removeprefix('-')}")
        if words.startswith("- "):
            text = f"(depends on {', '.join(needs)})"
        at = task.title_span.end - task.span.start
        at -= source[at - 1 : at] in {":", "\uff1a", "\\"}
        return Edit(Span(at, at), f" {text}")

    def _words(self, plan: Plan) -> str:
        """How the plan says what a task needs, with `{}` for its list: in parentheses, or on a line of its own."""
        for task, start in zip(plan.tasks.homes, plan.tasks.places, strict=True):
            if not task.needs:
                continue
            source = plan.text[start : start + task.span.end]
            for phrase in phrases(self.dialect, source, task.id):
                words = _words_of(source, phrase)
                if words and "{" not in words and "}" not in words:
                    return words.replace("\0", "{}")
        return self.dialect.needs_text


def _is_as_meant(task: Task, name: str, items: Sequence[str]) -> bool:
    if name == "status":
        return task.status is status_wanted(items)
    if name == "parallel":
        return (task.parallel is not None) == bool(items)
    return {item.text for item in task.needs} == set(items)


def _said(task: Task, apart_from: str) -> tuple[object, ...]:
    """What a task says, apart from one field; what it needs, and the boxes of a heading, stand in its words, too."""
    words = (task.title, task.instructions) if apart_from != "needs" else ()
    if apart_from == "status":
        words = (task.title, _BOX.sub("[]", task.instructions))
    status = None if apart_from == "status" else task.status
    is_marked = apart_from == "parallel" or task.parallel is not None
    needs = None if apart_from == "needs" else [item.text for item in task.needs]
    return task.id, task.phase, status, is_marked, needs, *words


def _words_of(source: str, phrase: Phrase) -> str:
    """The words of a phrase that can be written elsewhere, with a NUL for its list; nothing where they cannot."""
    first, last = phrase.items[0].span, phrase.items[-1].span
    start, stop = line_start(source, phrase.span.start), line_stop(source, phrase.span.end)
    before, behind = source[start : phrase.span.start], source[phrase.ids.end : stop]
    lead = source[phrase.span.start : phrase.ids.start]
    if first.start != phrase.ids.start or last.end != phrase.ids.end:
        return ""
    line = _LISTED.fullmatch(before)
    if start and line is not None and _ONLY_BEHIND.fullmatch(behind):
        return f"- {line['opened']}{lead}\0{behind.rstrip()}"
    if before.endswith("(") and behind.startswith(")"):
        return f"({lead}\0)"
    return ""


def _relisted(source: str, phrase: Phrase, ids: Sequence[str]) -> Edit:
    """The list of a phrase with these ids, written as it was."""
    spans = list(dict.fromkeys(item.span for item in phrase.items))
    openers = _OPENERS.search(source[phrase.ids.start : spans[0].start])
    before = openers[0] if openers is not None else ""
    behind = "".join(reversed(before)).replace("[", "]")
    is_each = bool(before) and source.startswith(behind, spans[0].end)
    between = f"{behind}, {before}" if is_each else ", "
    if len(spans) > 1:
        between = source[spans[0].end : spans[1].start]
    kept = [item.text for item in phrase.items]
    if ids[: len(kept)] == kept:
        at = spans[-1].end
        return Edit(Span(at, at), "".join(f"{between}{each}" for each in ids[len(kept) :]))
    return Edit(Span(spans[0].start, spans[-1].end), between.join(ids))


def _taken_out(source: str, span: Span) -> Edit | None:
    """Take words out with what only belongs to them: their parentheses, their line, the comma before them."""
    start, stop = line_start(source, span.start), line_stop(source, span.end)
    before, behind = source[start : span.start], source[span.end : stop]
    bare = before.rstrip("*_`")
    if bare[-1:] in _PARENTHESES and behind.lstrip("*_`").startswith(_PARENTHESES[bare[-1:]]):
        end = span.end + len(behind) - len(behind.lstrip("*_`")) + 1
        return Edit(Span(start + len(bare[:-1].rstrip(" \t")), end), "")
    if start and _ONLY_BEFORE.fullmatch(before) and _ONLY_BEHIND.fullmatch(behind):
        if stop == len(source):
            return Edit(Span(len(source[:start].rstrip("\r\n")), stop), "")
        return Edit(Span(start, next_line(source, stop)), "")
    if not behind.strip(" \t.*_") and before.strip(" \t-*+"):
        return Edit(Span(start + len(before.rstrip(" \t,;\u2013\u2014-")), span.end), "")
    return None


def _with_blank(text: str, mark: Span) -> Span:
    """The mark with the blank that goes with it."""
    if text[mark.end : mark.end + 1] in {" ", "\t"}:
        return Span(mark.start, mark.end + 1)
    has_blank = text[mark.start - 1 : mark.start] in {" ", "\t"} and text[mark.end : mark.end + 1] != "["
    return Span(mark.start - has_blank, mark.end)
