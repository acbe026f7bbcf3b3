"""PostgreSQL: the session, the tables (a file each) and their migrations."""
