"""Other people's text in Markdown, so that it shows as it is."""

import re

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&]")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>|~&])")
_MARKUP = re.compile(r"^```.*\n?|\*\*", re.MULTILINE)
_TICKS = re.compile(r"`+")
_SPAN = re.compile(r"(?<!`)`[^`]+`(?!`)")
_LINK = re.compile(r"\](?=\()")


def sentence(text: str) -> str:
    """A sentence of ours with other people's words in it, on one line: what stands in backticks stays a code span.

    Nothing in a code span is obeyed, so the words in there need no escaping; all others get it.
    """
    shown, at, parts = " ".join(text.split()), 0, list[str]()
    for span in _SPAN.finditer(shown):
        parts += (_escaped(shown[at : span.start()]), span[0])
        at = span.end()
    return "".join((*parts, _escaped(shown[at:])))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def code(text: str) -> str:
    """`text` as a code span, between more backticks than it holds (CommonMark 6.1), on one line."""
    shown = " ".join(text.split())
    fence = "`" * (1 + max(map(len, _TICKS.findall(shown)), default=0))
    padding = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def unlinked(text: str) -> str:
    """`text` for a message or an error, where VS Code makes a link of `[a](b)`, even one that runs a command.

    A plan may come from a stranger, so a space breaks such links.
    """
    return _LINK.sub("] ", text)


def without_markup(markdown: str) -> str:
    """Our Markdown for a client that shows text as it is. Backticks stay: they set paths apart."""
    return _ESCAPED.sub(r"\1", _MARKUP.sub("", markdown))
