"""Todos in the front matter of a plan, as YAML. Start at `reading.py`; its importers wait until there are some."""
