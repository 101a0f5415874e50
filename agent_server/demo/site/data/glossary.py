"""Words of the workshop, in alphabetical order. Each leads to the page that explains it at length."""

from model import Term

GLOSSARY = (
    Term(
        name="Arris",
        meaning="The sharp edge where two faces of a board meet.",
        url="/wood-wiki/marking-out.html",
    ),
    Term(
        name="Burr",
        meaning="The thread of steel that a stone pushes over an edge; feel for it with the thumb.",
        url="/wood-wiki/sharp-edges.html",
    ),
    Term(
        name="Drawbore",
        meaning="To peg a joint through holes set slightly out of line, so that the peg pulls it tight.",
        url="/wood-wiki/mortise-and-tenon.html",
    ),
    Term(
        name="Lanolin",
        meaning="The grease of the sheep, which spinners keep or scour out as the yarn requires.",
        url="/wool-wiki/scouring.html",
    ),
    Term(
        name="Mordant",
        meaning="A metal salt that fastens a dye to the fibre.",
        url="/wool-wiki/mordants.html",
    ),
    Term(
        name="Rolag",
        meaning="A soft roll of carded wool, ready to spin.",
        url="/wool-wiki/carding.html",
    ),
    Term(
        name="Tearout",
        meaning="Fibres lifted and broken below the surface by a plane that works against the grain.",
        url="/wood-wiki/reading-the-grain.html",
    ),
    Term(
        name="Whorl",
        meaning="The weight of a spindle, which keeps it turning.",
        url="/wool-wiki/drop-spindle.html",
    ),
)
