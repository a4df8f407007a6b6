"""Alembic's revisions, from the first table to the present ones."""
