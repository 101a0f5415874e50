"""Our own messages and what is generated: the model, and the generators of everything that is derived."""
