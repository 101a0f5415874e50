"""The terminal: what is asked there, what is shown of a run while it goes on, and Ctrl-C."""
