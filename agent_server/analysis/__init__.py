"""The independence test: pure functions over immutable values. No I/O, no LSP, no clock."""
