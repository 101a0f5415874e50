"""Plans in JSON: read with the place of every value, written back byte by byte. Start at `reading.py`."""
