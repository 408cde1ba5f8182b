"""The SQLite store: the one source of truth of a data directory."""
