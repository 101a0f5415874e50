"""JSON with comments and trailing commas, as `tsconfig.json` is written."""

import json
import re
from typing import Any

# Each alternative ends at the latest with its line, or with the text: a broken file takes linear time, too.
_STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"?|//[^\n]*|/\*(?:.*?\*/|.*)', re.DOTALL)
_STRING_OR_COMMA = re.compile(r'"(?:\\.|[^"\\\n])*"?|,(?=\s*[}\]])')


def loads(text: str) -> Any:
    """The value that the text spells; None where it is broken."""
    plain = text.removeprefix("\ufeff")
    try:
        return json.loads(plain)
    except (ValueError, RecursionError):
        pass
    plain = _STRING_OR_COMMENT.sub(lambda found: found[0] if found[0][0] == '"' else " ", plain)
    plain = _STRING_OR_COMMA.sub(lambda found: found[0] if found[0][0] == '"' else "", plain)
    try:
        return json.loads(plain)
    except (ValueError, RecursionError):
        return None
