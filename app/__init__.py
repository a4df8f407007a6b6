"""Tieline's service: the pipeline from a CRM's activities to its custom fields.

Read `pipeline` first: it is the whole story on one page. Then `engine` (the model), `store` (every
query), `api` (what others may ask), `main` (how it is wired).
"""
