"""The rules of this repository that no ready-made tool holds, and the run of all of them.

Belongs here: one module per subject, each a function from the tracked files to findings.
Does not belong here: what ruff, mypy or import-linter can say. The programs never import it.
Each rule has a test that makes it fail.
"""
