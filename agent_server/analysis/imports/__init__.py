"""What tasks import: which file it means, whether it will be there, and whether a pattern predicts it."""
