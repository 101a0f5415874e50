"""What is written down of runs, and for how long."""
