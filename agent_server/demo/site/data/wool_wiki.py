"""The wool wiki: from the sheep to a dyed yarn."""

from model import Entry, Level, Wiki

WOOL_WIKI = Wiki(
    slug="wool-wiki",
    title="Wool wiki",
    summary="Wool from the fleece to the dye bath: choosing, washing, spinning and colouring with simple tools.",
    entries=(
        Entry(
            title="Choosing a fleece",
            level=Level.BEGINNER,
            body="""
Pull a lock from the shoulder and snap it beside your ear. It should ring; if it crackles, the fibre is weak at one
place and will break into noils when you card it. Then look at the length and at the crimp: fine and crimped makes a
soft elastic yarn, long and wavy a strong and lustrous one.

Buy less than you think. A kilo of clean wool is a jumper, and a raw fleece loses a third of its weight, or more,
when the grease and the field are washed out of it.
""",
        ),
        Entry(
            title="Scouring",
            level=Level.BEGINNER,
            body="""
Heat removes the grease, soap carries it away, and movement turns the whole fleece into felt. So use water too hot
for your hands, push the wool under once, and leave it alone for twenty minutes. Lift it out before the water cools,
or the lanolin settles on the wool again.

Rinse in water of the same heat. A sudden change of temperature felts as surely as rubbing does. Dry it flat on a
rack in moving air, and it is ready for [[carding]].
""",
        ),
        Entry(
            title="Carding",
            level=Level.BEGINNER,
            body="""
Two paddles set with fine wires comb the wool from one to the other until all the fibres are open. Load the left
card lightly, so that you can still see its teeth, and stroke it with the right one as if you were brushing hair:
tips first, then deeper.

Three passes are enough. Roll the web off the card from its lower edge into a soft cigar. This is a rolag, and it
spins by itself into a light woollen yarn full of air.
""",
        ),
        Entry(
            title="Drop spindle",
            level=Level.INTERMEDIATE,
            body="""
A stick, a whorl and gravity. Tie on a leader, roll the spindle along your thigh, and let it hang while your other
hand pinches the fibre. Twist runs up to the pinch and no further: draw out a hand's length of wool below it, open
the fingers, and the yarn is made.

If it breaks, there was too little twist or too little patience. A heavy spindle makes thick yarn, and a light one
makes fine yarn. Park it between your knees and draft in two steps until the hands stop arguing.
""",
        ),
        Entry(
            title="Plying",
            level=Level.INTERMEDIATE,
            body="""
A single yarn wants to coil up on itself. Two singles twisted together in the opposite direction balance each other,
and the result is round, strong and calm. Let the singles rest overnight so that they lie quietly, then spin both
together to the left if you spun them to the right.

Test a length by letting it hang in a loop. If it hangs open, the yarn is balanced. If it curls, add or remove a
little twist before you wash the skein.
""",
        ),
        Entry(
            title="Mordants",
            level=Level.ADVANCED,
            body="""
Most plant dyes wash out again unless a metal salt stands between them and the fibre. Alum is the one to know: a
tenth of the weight of the dry wool, dissolved in hot water, and the wool simmered in it for an hour. It leaves
colours clear.

Iron, a pinch at the end of the bath, saddens them: yellow turns to olive and red to plum. Keep a pot for mordants
which never again sees food, and write the weights down, for you will want that colour a second time.
""",
        ),
        Entry(
            title="Madder red",
            level=Level.ADVANCED,
            body="""
Dig roots that are at least three years old, dry them, and grind them small. Soak the powder overnight in water with
a little chalk, for madder loves hard water. Enter wool prepared with alum (see [[mordants]]) and raise the heat
slowly, over two hours, to sixty degrees.

Above seventy the root gives up its browns and the red is gone. The first bath is a brick red, the second coral and
the third a peach. Keep all three together in one cloth, and they look as though they had planned it.
""",
        ),
    ),
)
