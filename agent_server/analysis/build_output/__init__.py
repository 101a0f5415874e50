"""What a build says is wrong, read from its output: one file a family of tools.

`problems.py` is where to start reading: it asks every family, and finds the files that they mean. A family is a pure
function from the lines of an output to `Remark`s. Lines come cut to a bounded length, and no pattern looks at more than
one of them, so that a stranger's output cannot keep us busy.
"""
