"""What agents change: read exactly, divided by what they may write, compared, merged, reviewed."""
