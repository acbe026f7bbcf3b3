"""Real PostgreSQL and Valkey from wheels, started on demand in a home and stopped when nobody uses it any more."""
