"""The live workspace: listing, watching, open buffers over the disk; hands out immutable `Tree`s."""
