"""The code in a task's words, as one immutable value: which language it is in, of which file, and what it is there for.

`model.py` says what there is, `reading.py` reads it. Nothing here understands a language: that is the analysis' part.
"""
