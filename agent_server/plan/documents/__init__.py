"""Plans that are documents in Markdown: tasks are sections, boxes or items of lists. Start at `reading.py`."""
