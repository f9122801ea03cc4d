"""The SQL connector: tables, views and queries of a database as a source."""
