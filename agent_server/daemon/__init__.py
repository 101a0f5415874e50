"""The process that stays: one daemon a workspace, a forwarder an editor, and what finds the one for the other.

Whatever the forwarder imports costs every editor at every start, so `forwarder`, `place` and `spawning` import nothing
but small parts of the standard library.
"""
