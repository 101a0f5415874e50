"""The index of all sources of a workspace: what every file imports, exports and says, in one SQLite file.

Processes of its own read and parse; the server's process asks short questions. Nothing here is imported, and nothing
starts, before an analysis asks something that only all sources together can answer.
"""
