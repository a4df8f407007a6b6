"""What an admin decides about people: who is left out, who objected, what is kept, what is erased.

Functions for whoever shows them to an admin: the API, the command line, a console. Read
`exclusions`. Decisions take effect with the next run, and are written down before that.
"""
