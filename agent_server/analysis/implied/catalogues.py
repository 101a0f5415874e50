"""A text that is added in one language is missing in all others: the catalogues beside it want it too."""

import re
from collections.abc import Iterator

from agent_server.analysis.claims import Claim
from agent_server.analysis.implied.work import Kind, Work, implied_claim

CONFIDENCE = 0.6
"""Some teams leave it to translators, or to the language that is there for all."""

_LANGUAGE = r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?"
_CATALOGUE = re.compile(
    rf"(?P<before>(?:.*/)?(?:i18n|l10n|locales?|lang|languages?|messages|translations?)/(?:.*[/_.])?)(?P<language>{_LANGUAGE})"
    r"(?P<after>(?:/.+)?\.(?:arb|ftl|json|po|properties|strings|toml|ya?ml|[jt]s))"
)
_ADDS = re.compile(
    r"\b(?:add|adds|create|introduce|new|put|write)\b[^.]*\b(?:keys?|labels?|messages?|strings?|texts?|translations?)\b",
    re.IGNORECASE,
)


def _implied(work: Work) -> Iterator[Claim]:
    if not _ADDS.search(f"{work.task.title}.\n{work.task.instructions}"):
        return
    for path, claim in work.changed():
        for other in _others(path, work):
            because = f"it holds the texts of `{path}` in another language"
            yield from implied_claim(other, claim.span, CONFIDENCE, because, work.tree)


def _others(path: str, work: Work) -> Iterator[str]:
    """The same catalogue in other languages."""
    own = _CATALOGUE.fullmatch(path)
    if own is None:
        return
    alike = re.compile(f"{re.escape(own['before'])}{_LANGUAGE}{re.escape(own['after'])}")
    folder = own["before"].rpartition("/")[0]
    yield from (other for other in work.tree.below(folder) if other != path and alike.fullmatch(other))


KIND = Kind(_implied)
