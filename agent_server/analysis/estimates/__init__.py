"""Which model a task gets, how long it takes, and what it costs."""
