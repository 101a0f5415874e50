"""The HTML that all pages share: small pieces for their bodies, and the frame of menu, see-also links and footer."""

import re
from html import escape

from model import Link, Page, Wiki
from navigation import MENU, SEE_ALSO, SITE_TITLE

FRAME = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/static/style.css">
</head>
<body>
<nav>{menu}</nav>
<main>
<h1>{heading}</h1>
{body}
{see_also}
</main>
<footer>{site}: notes from a shared workshop.</footer>
</body>
</html>
"""


def anchor(label: str, url: str) -> str:
    """A link to an address of the site."""
    return f'<a href="{escape(url)}">{escape(label)}</a>'


def bullets(items: list[str]) -> str:
    """A list of items that are HTML already."""
    lines = "\n".join(f"<li>{item}</li>" for item in items)
    return f"<ul>\n{lines}\n</ul>"


def prose(wiki: Wiki, text: str) -> str:
    """The paragraphs of an entry's body, with its `[[links]]` made real."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n".join(f"<p>{_linked(wiki, ' '.join(paragraph.split()))}</p>" for paragraph in paragraphs)


def framed(page: Page) -> str:
    """The whole document of a page, with addresses that start at the root of the site."""
    heading = escape(page.title)
    return FRAME.format(
        title=heading if page.title == SITE_TITLE else f"{heading} · {SITE_TITLE}",
        menu=" ".join(anchor(item.label, item.url) for item in MENU),
        heading=heading,
        body=page.body,
        see_also=_see_also(SEE_ALSO.get(page.url, ())),
        site=SITE_TITLE,
    )


def _linked(wiki: Wiki, text: str) -> str:
    return re.sub(
        r"\[\[(.+?)\]\]",
        lambda found: f'<a href="{wiki.url_titled(found[1])}">{found[1]}</a>',
        escape(text, quote=False),
    )


def _see_also(links: tuple[Link, ...]) -> str:
    if not links:
        return ""
    return "<aside>\n<h2>See also</h2>\n" + bullets([anchor(link.label, link.url) for link in links]) + "\n</aside>"
