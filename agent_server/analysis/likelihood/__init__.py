"""Which files a task would write that names none: a sum of signals, each with its reason."""
