"""The menu, and the links that lead from one wiki to another.

Every wiki has a place in `MENU`; the build fails if one is forgotten.
"""

from data import WOOD_WIKI, WOOL_WIKI
from model import Link

SITE_TITLE = "Handwork"

MENU = (
    Link(SITE_TITLE, "/index.html"),
    Link(WOOD_WIKI.title, WOOD_WIKI.url),
    Link(WOOL_WIKI.title, WOOL_WIKI.url),
    Link("Glossary", "/glossary.html"),
)

# The address of a page, and what its readers will like to see in another wiki.
SEE_ALSO = {
    WOOD_WIKI.url: (Link("A spindle is the first thing to turn from an offcut", "/wool-wiki/drop-spindle.html"),),
    WOOL_WIKI.url: (Link("Cards and combs are sharpened, too", "/wood-wiki/sharp-edges.html"),),
    "/wool-wiki/choosing-a-fleece.html": (Link("Boards, too, are chosen by eye", "/wood-wiki/reading-the-grain.html"),),
}
