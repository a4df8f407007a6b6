"""What an admin decides about people: who is left out, who objected, what is kept, what is erased.

Functions for whoever shows them to an admin: the API, the command line, a console. Read
`exclusions`, then `erasures`
and `retention`. What is decided of a list takes effect with the next run; an erasure
takes effect at once, but for the scores and the CRMs' fields, which follow.
"""
