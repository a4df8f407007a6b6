"""The tables of a state file, and their version."""

STATE_VERSION = 5
"""Kept in the file as ``PRAGMA user_version``; `state.prepare` brings an older file up to it."""

FIRST_WITH_NEGATIVE_KINDS = 3

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    type TEXT, id INTEGER, properties TEXT NOT NULL, created INTEGER NOT NULL,
    modified INTEGER NOT NULL, archived INTEGER NOT NULL DEFAULT 0, merged_into INTEGER,
    PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS objects_by_key ON objects (type, archived, id, modified);
CREATE INDEX IF NOT EXISTS objects_by_change ON objects (type, archived, modified);
CREATE INDEX IF NOT EXISTS contacts_by_email ON objects
    (lower(json_extract(properties, '$."email"'))) WHERE type = '0-1' AND archived = 0;
CREATE TABLE IF NOT EXISTS history (
    type TEXT, id INTEGER, name TEXT, at INTEGER, value TEXT, source TEXT, source_id TEXT);
CREATE INDEX IF NOT EXISTS history_by_object ON history (type, id, name);
CREATE TABLE IF NOT EXISTS versions (
    type TEXT, id INTEGER, properties TEXT NOT NULL, created INTEGER NOT NULL,
    modified INTEGER NOT NULL, archived INTEGER NOT NULL, replaced INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS versions_by_end ON versions (replaced);
CREATE TABLE IF NOT EXISTS links (
    from_type TEXT, from_id INTEGER, to_type TEXT, to_id INTEGER, kind INTEGER,
    PRIMARY KEY (from_type, from_id, to_type, to_id, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS labels (
    from_type TEXT, to_type TEXT, kind INTEGER, inverse INTEGER, label TEXT, name TEXT,
    PRIMARY KEY (from_type, to_type, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS properties (
    type TEXT, name TEXT, definition TEXT NOT NULL, archived INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (type, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS property_groups (
    type TEXT, name TEXT, definition TEXT NOT NULL, PRIMARY KEY (type, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pipelines (
    type TEXT, id TEXT, definition TEXT NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rules (
    type TEXT, name TEXT, when_name TEXT, when_value TEXT, PRIMARY KEY (type, name));
CREATE TABLE IF NOT EXISTS owners (
    id INTEGER PRIMARY KEY, email TEXT, first_name TEXT, last_name TEXT, team TEXT,
    modified INTEGER NOT NULL, archived INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, scopes TEXT NOT NULL, expires INTEGER, kind TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refresh_tokens (token TEXT PRIMARY KEY, scopes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS codes (
    code TEXT PRIMARY KEY, redirect_uri TEXT, scopes TEXT NOT NULL, expires INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS subscriptions (
    id INTEGER PRIMARY KEY, type TEXT NOT NULL, object_type TEXT, property TEXT,
    active INTEGER NOT NULL, created INTEGER NOT NULL, modified INTEGER);
CREATE TABLE IF NOT EXISTS targets (
    app_id INTEGER PRIMARY KEY, url TEXT NOT NULL, concurrent INTEGER NOT NULL,
    created INTEGER NOT NULL, modified INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS asked_for (type TEXT, name TEXT, PRIMARY KEY (type, name));
"""
