"""The database's shape, step by step: numbered and named revisions."""
