"""Agents: backends behind one small Protocol, the tools that hold them to their files, and the brief each one gets."""
