"""The wood wiki: joints, and what has to be true of the board before you cut one."""

from model import Entry, Level, Wiki

WOOD_WIKI = Wiki(
    slug="wood-wiki",
    title="Wood wiki",
    summary="Joinery by hand: how to read a board, mark it, cut it and bring two pieces together for a hundred years.",
    entries=(
        Entry(
            title="Reading the grain",
            level=Level.BEGINNER,
            body="""
Look at the edge of the board before you plane its face. The lines on the edge rise towards one end: plane in the
direction in which they rise, as you would stroke a cat, and the shavings come off whole. Plane the other way and
the iron dives under the fibres and breaks them out below the surface.

Some boards change their mind halfway along. Plane each part in its own direction up to the place where they meet,
take lighter shavings there, and finish with a card scraper, which does not care.
""",
        ),
        Entry(
            title="Marking out",
            level=Level.BEGINNER,
            body="""
Choose one good face and one good edge, mark both, and measure everything from them. The two sides that you did not
choose may then be as rough as they like; no error can travel from them into the joint.

Mark with a knife rather than a pencil. A pencil line has two sides and you will cut on the wrong one, but a knife
line is a little wall that the chisel falls into by itself. For lines along an edge, set the gauge from the piece
that has to fit and never from a ruler.
""",
        ),
        Entry(
            title="Sharp edges",
            level=Level.BEGINNER,
            body="""
An edge is where two polished surfaces meet, and nothing else. Flatten the back of the chisel once, for life. Then
work the bevel on a stone until you can feel a burr along the whole width of the back, move to a finer stone, and
take the burr off with one flat stroke.

Five minutes every hour is easier than an hour every month. A dull chisel asks for force, and force is what slips.
If a [[dovetail joint]] is giving you trouble, sharpen before you blame your hands.
""",
        ),
        Entry(
            title="Wood movement",
            level=Level.INTERMEDIATE,
            body="""
A board breathes across its width all its life: it swells in damp summers and shrinks when the heating comes on, by
a hundredth of its width and in some timbers by more. Along its length it hardly moves at all. Every good design
lets it happen.

So a table top is held by buttons that slide, a panel floats in the groove of its frame, and two wide boards are
never glued across each other. A joint that fights this movement will win for a winter or two, and then the board
splits.
""",
        ),
        Entry(
            title="Half-lap joint",
            level=Level.INTERMEDIATE,
            body="""
Two pieces of equal thickness each give up half of it where they cross, and lie flush. It is the fastest joint that
can be called one: four saw cuts, and the waste pared away with a wide chisel.

Cut both shoulders inside the knife lines so that the fit is too tight, then pare to the line. Glue holds it well
because long grain meets long grain; for the same reason [[wood movement]] hardly troubles it in narrow stock.
[[marking out]] from one face keeps both halves flush.
""",
        ),
        Entry(
            title="Mortise and tenon",
            level=Level.INTERMEDIATE,
            body="""
The joint that holds doors, chairs and cathedrals: a tongue on one piece fills a slot in the other. Make the tenon a
third of the thickness, chop the mortise first with the chisel whose width you have, and saw the tenon to fit the
hole, since it is far easier to take a shaving from a tongue than from a slot.

For a frame that must never open, drawbore it. Bore the mortise, mark the hole on the tenon, and bore the tenon a
millimetre nearer its shoulder. A tapered oak peg driven through will pull the shoulder home without clamps.
""",
        ),
        Entry(
            title="Hide glue",
            level=Level.ADVANCED,
            body="""
Soak the pearls overnight, warm them to sixty degrees and never boil them. Hot hide glue grabs within a minute as it
cools to a jelly, then cures for a day as the water leaves. You can rub two edges together and walk away; no clamp
is needed.

Its real gift comes decades later: steam opens the joint again without harm, so whatever you build can be repaired.
Instrument makers use nothing else. Warm both pieces before you start, and have everything within reach.
""",
        ),
        Entry(
            title="Dovetail joint",
            level=Level.ADVANCED,
            body="""
Tails on one board and pins on the other lock together so that a drawer front cannot be pulled away from its sides.
Cut the tails first, two boards at once in the vice, at a slope of about one in seven. Then stand the tail board on
the end of the other and trace it with a knife: from there on you copy and do not measure.

Saw on the waste side and leave half the line. Chop the waste from both faces, undercutting slightly in the middle.
Test once, gently, and only a few millimetres deep; every trial makes the fit looser. [[sharp edges]] do the rest,
and [[hide glue]] needs no clamps.
""",
        ),
    ),
)
