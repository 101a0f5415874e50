"""Hazards into waves: what comes before what, the fewest waves, the critical path, who waits for whom."""
