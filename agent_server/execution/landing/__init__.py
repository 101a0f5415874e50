"""Verified changes go into the live tree or onto a branch, all or nothing, and can be taken back."""
