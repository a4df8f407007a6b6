"""What ``tieline`` can do, one file per kind of thing; `app.__main__` puts them together.

Read `surroundings` (settings, database, key), then `connecting`, `running`, `writing`, `serving`
and `local` (the demo and the sandboxes). A command says in its docstring what it does: its help.
"""
