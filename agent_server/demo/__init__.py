"""The demo: a small knowledge site, a plan for its next wiki, and the transcripts that carry the plan out."""
