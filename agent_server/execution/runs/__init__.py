"""One run, from the approved wave to its end: who works when, what is checked, what may be decided."""
