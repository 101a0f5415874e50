"""Plans that are documents in Markdown: tasks are sections, boxes or todos. Start at `reading.py`."""
