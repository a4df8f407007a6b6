"""Every table and every query.

Read `tables` (what is kept), `database` (how rows are kept), then the nouns: `connections`
(bookmarks, leases, runs), `records` (what the CRM said), `people` (who is who, and who met whom),
`scores` (the snapshot in force), `outbox` (what we owe the CRM).

Nothing here commits: a unit of work ends at the edge, in `pipeline` and `api`. Queries that a page
of records or a snapshot goes through work on whole batches, never row by row.
"""
