"""The store: tables, sessions bound to one company, and migrations. SQLite by default, PostgreSQL by one setting."""
