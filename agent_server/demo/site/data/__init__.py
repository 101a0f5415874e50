"""Everything that the pages say. `WIKIS` lists the wikis in the order in which the site shows them."""

from data.glossary import GLOSSARY
from data.wood_wiki import WOOD_WIKI
from data.wool_wiki import WOOL_WIKI

WIKIS = (
    WOOD_WIKI,
    WOOL_WIKI,
)

__all__ = ["GLOSSARY", "WIKIS", "WOOD_WIKI", "WOOL_WIKI"]
