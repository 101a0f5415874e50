"""Plans that are folders with a file for each task, whose front matter says most of it. Start at `reading.py`."""
