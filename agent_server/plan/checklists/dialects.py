"""How one format writes its checklists: what names a task, what marks it, and what can be written back."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent_server.plan.markdown.blocks import Blocks
from agent_server.plan.markdown.boxes import SKIPPED
from agent_server.plan.text import Span


def _never(_line: str) -> bool:
    return False


def ids_and_ranges(each: str) -> re.Pattern[str]:
    """What `Dialect.id` is for ids of this pattern: it finds each of a list, and ranges of them (`T001-T003`)."""
    return re.compile(rf"(?P<id>{each})(?:[ \t]*[-\u2013\u2014~][ \t]*(?P<last>{each}))?")


CALLED_TASK = re.compile(r"(?:\d{1,3}[.)][ \t]++)?Task[ \t]++(?P<id>\d{1,3}(?:\.\d{1,3})*+)[:.)]?[ \t]*+(?P<box>(?!))?")
"""A heading that is called a task: `Task 3: `."""

NUMBERED = re.compile(r"(?P<id>\d{1,3}(?:\.\d{1,3})++)[:.)]?[ \t]++(?P<box>(?!))?")
"""A heading with a number of two parts or more: `1.2 `."""

COUNTED = re.compile(r"(?P<id>\d{1,3})[.)][ \t]++(?P<box>(?!))?")
"""A heading with a number: `1. `."""


@dataclass(frozen=True, eq=False)
class Dialect:
    """A format whose plans are lists of boxes in Markdown, or one of the ways in which such a format is written.

    What names and marks a task:

    - `name` matches at the start of an item: its group `id`, and all that belongs to the name behind it (labels, marks,
      punctuation). A task may be named by a mere word, such as `Task:`; its id is then made from its title.
    - `heading` does the same for tasks that are headings; its group `box` is what stands in a box there. In a text
      without any box `numbered` does it; `counted` where nothing else is a task.
    - `label` is what may stand in front of the title of a task without a name, `tail` behind the title of any.
    - `mark` finds, in the name or at the end of the line, what claims that the task may run beside others.
    - `is_optional` tells by the whole first line that a task may be left out.
    - `takes_all` says that boxes without a name are tasks, too, where other boxes have one; `marked` matches those that
      are where not all are, for what they begin with.
    - `groups_by_number` says that `2.1` belongs to `2.`, also where it is not nested in it.
    - `listed` matches headings whose lists are tasks in a text without any box.
    - `is_flat` says that no task is a group of others: one that is nested in another only follows it.
    - `skipped` are the characters that a box holds when its task is left out.

    What a task waits for:

    - `needs` finds a list of ids together with the words before it: its group `ids`. `id` finds each of them, with a
      group `last` where it is the first of a range.
    - `waves` tells the waves of tasks that the text itself has planned, by their ids.

    What can be written back is in `holds` (`model.WRITABLE`): `mark_text` is how the mark is written where the plan has
    none yet, `needs_text` what `{}` is put into. Where that starts with a bullet, it is a line of its own.
    """

    format: str
    name: re.Pattern[str]
    id: re.Pattern[str]
    variant: str = ""
    heading: re.Pattern[str] | None = None
    numbered: re.Pattern[str] | None = None
    counted: re.Pattern[str] | None = None
    label: re.Pattern[str] | None = None
    tail: re.Pattern[str] | None = None
    mark: re.Pattern[str] | None = None
    needs: re.Pattern[str] | None = None
    is_optional: Callable[[str], bool] = _never
    takes_all: bool = False
    marked: re.Pattern[str] | None = None
    groups_by_number: bool = False
    listed: re.Pattern[str] | None = None
    is_flat: bool = False
    skipped: frozenset[str] = SKIPPED
    waves: Callable[[Blocks], Mapping[str, int]] | None = None
    holds: frozenset[str] = frozenset({"status"})
    mark_text: str = ""
    needs_text: str = ""

    def heading_name(self, text: str, place: Span) -> re.Match[str] | None:
        """What names a task that is the heading which says what stands at a place."""
        patterns = (self.heading, self.numbered, self.counted)
        found = (pattern.match(text, *place.bounds) for pattern in patterns if pattern is not None)
        return next((name for name in found if name is not None), None)
