"""Text of strangers, made fit to be shown: what cannot be seen, or would pass for something else, is spelled out."""

import re

_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_SPACES = re.compile(r" {4,}")


def visible(text: str, most: int | None = None) -> str:
    r"""`text` on one line: control and format characters as escapes such as `\u{202e}`, long gaps as their length.

    Of a text longer than `most` characters the middle is left out, and that is said.
    """
    if most is not None and len(text) > most:
        text = f"{text[: most // 2]}[... {len(text) - most // 2 * 2:,} more characters ...]{text[-(most // 2) :]}"
    shown = text
    if not text.isprintable():
        shown = "".join(_NAMED.get(each) or _escaped(each) if is_invisible(each) else each for each in text)
    return _SPACES.sub(lambda gap: f"[{len(gap[0])} spaces]", shown)


def visible_lines(text: str) -> str:
    """`text` with its lines, tabs and gaps as they are: for what is set apart, line by line, as somebody else's."""
    lines = text.replace("\r\n", "\n")
    return "".join(_escaped(each) if is_invisible(each) and each not in "\n\t" else each for each in lines)


def is_invisible(character: str) -> bool:
    """Whether it is no character to be seen: a control or format character, a separator but the space, a surrogate."""
    return not character.isprintable()


def _escaped(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"
