"""Edits of front matter that leave every other byte as it is. New text is written as what stands there is."""

import re
from collections.abc import Sequence

from agent_server.plan.model import Edit
from agent_server.plan.task_files.keys import FrontMatter, Key
from agent_server.plan.text import Span
from agent_server.plan.writing import line_end_of, line_start, next_line

_PLAIN = re.compile(r"[\w./](?:[\w./@+()*-]|[ ](?=[\w./@+(]))*+")


def with_value(text: str, found: FrontMatter, name: str, words: Sequence[str], *, is_list: bool) -> tuple[Edit, ...]:
    """The edits that give a key this value, in the style that stands there; the key is added where it is missing."""
    key = found.keys.get(name)
    if not found.span.end:
        return ()
    quote = _quote_of(text, key) if key else ""
    if key and key.bullet and words and is_list:
        return _with_bullets(text, key, words, quote)
    each = [_written(word, quote) for word in words]
    value = f"[{', '.join(each)}]" if is_list else "".join(each[:1])
    if key is None:
        return (Edit(Span(found.inside.end, found.inside.end), f"{name}: {value}{line_end_of(text)}"),)
    end = key.lines.end - len(_line_end(text, key.lines))
    span = Span(key.value.start, key.value.end if key.value.end > key.value.start else end)
    before = "" if text[span.start - 1 : span.start] in {" ", "\t"} else " "
    return (Edit(span, before + value),)


def without_key(found: FrontMatter, name: str) -> tuple[Edit, ...]:
    """The edit that takes a key out with its lines."""
    key = found.keys.get(name)
    return (Edit(key.lines, ""),) if key else ()


def _with_bullets(text: str, key: Key, words: Sequence[str], quote: str) -> tuple[Edit, ...]:
    """A list below its key: what goes is taken out line by line, what is new comes behind the last."""
    eol, wanted = line_end_of(text), list(words)
    edits: list[Edit] = []
    kept = [item.text for item in key.items if item.text in wanted]
    if kept != wanted[: len(kept)]:
        kept = []
    for item in key.items:
        if item.text not in kept:
            start = line_start(text, item.span.start)
            edits.append(Edit(Span(start, next_line(text, start)), ""))
    new = "".join(f"{key.bullet}{_written(word, quote)}{eol}" for word in wanted[len(kept) :])
    return (*edits, *((Edit(Span(key.lines.end, key.lines.end), new),) if new else ()))


def _quote_of(text: str, key: Key) -> str:
    """The quote that the key's words stand in."""
    before = text[key.items[0].span.start - 1 : key.items[0].span.start] if key.items else ""
    return before if before in {'"', "'"} else ""


def _line_end(text: str, lines: Span) -> str:
    last = text[lines.start : lines.end]
    return last[len(last.rstrip("\r\n")) :]


def _written(word: str, quote: str) -> str:
    """A word as YAML has it; quoted where it is to be, or must be."""
    if not quote and _PLAIN.fullmatch(word):
        return word
    if quote == '"' and '"' not in word and "\\" not in word:
        return f'"{word}"'
    doubled = word.replace("'", "''")
    return f"'{doubled}'"
